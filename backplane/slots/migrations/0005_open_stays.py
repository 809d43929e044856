"""Opens a stay for what sits in a slot today, and makes the troubles of a stay quick to find."""

from django.db import migrations, models
from django.utils import timezone

_PRESENT = 1 << 0
_EMPTY = "M0"


def open_stays(apps, schema_editor):
    """One stay for each slot that holds something, as far as rows tell; a snapshot opens the others."""
    Slot = apps.get_model("slots", "Slot")
    Stay = apps.get_model("slots", "Stay")
    Transition = apps.get_model("slots", "Transition")
    now = timezone.now()
    taken = set(Stay.objects.filter(until=None).values_list("slot_id", flat=True))
    for slot in Slot.objects.exclude(state=_EMPTY).exclude(pk__in=taken):
        if slot.carrier_id is None and slot.module_id is None and not (slot.flags or 0) & _PRESENT:
            continue
        seated = Transition.objects.filter(slot=slot, old=_EMPTY).order_by("-pk").first()
        first = seated or Transition.objects.filter(slot=slot).order_by("pk").first()
        Stay.objects.create(
            slot=slot,
            carrier_id=slot.carrier_id,
            module_id=slot.module_id,
            since=now if first is None else first.at,
        )


class Migration(migrations.Migration):
    dependencies = [("slots", "0004_chassis_ceiling")]

    operations = [
        migrations.AddIndex(
            model_name="hardwareevent",
            index=models.Index(
                fields=("chassis", "slot_number", "kind", "received_at"),
                name="hardware_event_of_slot",
            ),
        ),
        migrations.RunPython(open_stays, migrations.RunPython.noop),
    ]
