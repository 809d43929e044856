from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('slots', '0003_lives_and_runs'),
    ]

    operations = [
        migrations.AddField(
            model_name='chassis',
            name='ceiling_mw',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
