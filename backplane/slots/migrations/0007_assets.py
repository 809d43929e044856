"""Modules, carriers, supplies and controllers become assets; addresses become a list; every module gets a number of its own."""

import backplane.slots.models.hardware
import django.db.models.deletion
from django.db import migrations, models

from backplane.slots.macs import known_macs


def number_modules(apps, schema_editor):
    """Give each module a number that stays, and put its one address into the list."""
    for module in apps.get_model("slots", "Module").objects.all():
        module.uid = backplane.slots.models.hardware.new_uid()
        module.macs = known_macs(module.mac)
        if module.mac and not module.macs:
            module.note = f"{module.note}\nMAC as it was typed: {module.mac}".strip()
        module.save(update_fields=["uid", "macs", "note"])


def to_one_mac(apps, schema_editor):
    """Keep the first address only."""
    for module in apps.get_model("slots", "Module").objects.all():
        module.mac = module.macs[0] if module.macs else ""
        module.save(update_fields=["mac"])


class Migration(migrations.Migration):

    dependencies = [
        ('slots', '0006_handle_origin'),
    ]

    operations = [
        migrations.CreateModel(
            name='Controller',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asset_tag', models.CharField(blank=True, max_length=50, null=True, unique=True)),
                ('owner', models.CharField(blank=True, max_length=100)),
                ('purchased_on', models.DateField(blank=True, null=True)),
                ('status', models.CharField(choices=[('active', 'Active'), ('spare', 'Spare'), ('failed', 'Failed'), ('retired', 'Retired')], default=backplane.slots.models.hardware.AssetStatus['ACTIVE'], max_length=8)),
                ('note', models.TextField(blank=True)),
                ('board_id', models.CharField(max_length=16, unique=True)),
                ('model', models.CharField(blank=True, max_length=64)),
                ('macs', models.JSONField(blank=True, default=list)),
            ],
            options={
                'ordering': ('board_id',),
            },
        ),
        migrations.AddField(
            model_name='carrier',
            name='asset_tag',
            field=models.CharField(blank=True, max_length=50, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='carrier',
            name='note',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='carrier',
            name='owner',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='carrier',
            name='purchased_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='carrier',
            name='status',
            field=models.CharField(choices=[('active', 'Active'), ('spare', 'Spare'), ('failed', 'Failed'), ('retired', 'Retired')], default=backplane.slots.models.hardware.AssetStatus['ACTIVE'], max_length=8),
        ),
        migrations.AddField(
            model_name='module',
            name='asset_tag',
            field=models.CharField(blank=True, max_length=50, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='module',
            name='macs',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='module',
            name='owner',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='module',
            name='purchased_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='module',
            name='status',
            field=models.CharField(choices=[('active', 'Active'), ('spare', 'Spare'), ('failed', 'Failed'), ('retired', 'Retired')], default=backplane.slots.models.hardware.AssetStatus['ACTIVE'], max_length=8),
        ),
        migrations.AddField(model_name='module', name='uid', field=models.CharField(max_length=64, null=True)),
        migrations.CreateModel(
            name='RackPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('used_for', models.CharField(max_length=64)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('hint', models.CharField(max_length=12)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=150)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_by', models.CharField(blank=True, max_length=150)),
                ('chassis', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='slots.chassis')),
            ],
            options={
                'ordering': ('chassis', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Supply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asset_tag', models.CharField(blank=True, max_length=50, null=True, unique=True)),
                ('owner', models.CharField(blank=True, max_length=100)),
                ('purchased_on', models.DateField(blank=True, null=True)),
                ('status', models.CharField(choices=[('active', 'Active'), ('spare', 'Spare'), ('failed', 'Failed'), ('retired', 'Retired')], default=backplane.slots.models.hardware.AssetStatus['ACTIVE'], max_length=8)),
                ('note', models.TextField(blank=True)),
                ('name', models.CharField(blank=True, max_length=64)),
                ('serial', models.CharField(blank=True, db_index=True, max_length=64)),
                ('model', models.CharField(blank=True, max_length=64)),
                ('rating_mw', models.PositiveIntegerField(blank=True, null=True)),
                ('number', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('chassis', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='supplies', to='slots.chassis')),
            ],
            options={
                'verbose_name_plural': 'supplies',
                'ordering': ('chassis', 'number', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('chassis', 'number'), name='supply_place_once')],
            },
        ),
        migrations.RunPython(number_modules, to_one_mac),
        migrations.AlterField(
            model_name='module',
            name='uid',
            field=models.CharField(default=backplane.slots.models.hardware.new_uid, max_length=64, unique=True),
        ),
        migrations.RemoveField(
            model_name='module',
            name='mac',
        ),
    ]
