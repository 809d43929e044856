"""The checklist to begin with; its owner edits it afterwards."""

from django.db import migrations

ITEMS = ("Network cable", "USB and HDMI cables", "SD card or SSD, if it moves over")


def fill(apps, schema_editor):
    items = apps.get_model("swaps", "ChecklistItem")
    if not items.objects.exists():
        items.objects.bulk_create(items(position=n, text=text) for n, text in enumerate(ITEMS, 1))


class Migration(migrations.Migration):
    dependencies = [("swaps", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
