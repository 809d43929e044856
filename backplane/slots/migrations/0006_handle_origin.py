import backplane.slots.ops
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('slots', '0005_open_stays'),
    ]

    operations = [
        migrations.AlterField(
            model_name='command',
            name='origin',
            field=models.CharField(choices=[('person', 'Person'), ('api', 'Api'), ('swap', 'Swap'), ('handle', 'Handle')], default=backplane.slots.ops.Origin['PERSON'], max_length=8),
        ),
    ]
