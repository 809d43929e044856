"""Firmware updates over the link: who may when, how far one is, and the trial of a new version.

Files are update_folder.py's, loaded only while an update goes on; which folder starts is boot_selector.py's.
No slot is touched by any of it: the controller restarts, and the rails stay as their latches hold them.
"""

import struct

from . import codes
from .boot_selector import CRASHED, HUNG, MANIFEST, NO_HOST, BootState, digest_of
from .chassis import Chassis
from .compat import const
from .rails import Rails

_TRIAL_MS = const(60000)  # a new version has so long to reach its host
_HEALTHY_MS = const(3600000)  # after so long a version's hangs are forgiven
_IDLE_MS = const(10000)  # without a word of the host an update holds nothing up any more
_DIGEST = const(32)
_MANIFEST_MOST = const(16384)
_RESTARTING = const(6)  # beside the phases of update_folder.py; 0 is idle
_CLEARING = const(1)
_RECEIVING = const(2)
_CHECKING = const(3)
_CHECKED = const(4)
_FAILED = const(5)
_NO_ROOM = const(1)  # a fault of update_folder.py


class NoUpdates:
    """Where nothing chooses between two folders there are no updates."""

    is_possible = False
    reboot_wanted = False

    def run(self, command) -> None:
        """No operation of an update is known here."""
        command.finish(codes.E_OP)

    def refuses(self, op: int, args: bytes) -> bool:  # noqa: ARG002 - as Updates has it
        """Nothing has to wait."""
        return False

    def reached_host(self) -> None:
        """Nothing is on trial."""

    def change_owner(self) -> None:
        """Nothing was begun."""

    def tick(self) -> None:
        """Nothing goes on."""

    def due(self) -> int:
        """Never."""
        return codes.NEVER


class Updates(NoUpdates):
    """The updates of a board with two folders."""

    is_possible = True

    def __init__(self, chassis: Chassis, rails: Rails, boot: BootState) -> None:
        self._chassis = chassis
        self._rails = rails
        self._boot = boot
        self._image = None  # an UpdateFolder
        self._command = None  # the BEGIN or COMMIT that waits for its end
        self._is_restarting = False
        self._heard_ms = -_IDLE_MS
        self._trial_until = codes.NEVER
        if boot.is_on_trial():
            self._trial_until = chassis.now_ms + _TRIAL_MS
        self._healthy_at = chassis.now_ms + _HEALTHY_MS if boot.hangs() else codes.NEVER
        self.reboot_wanted = False
        self._tell_why_here()

    def _tell_why_here(self) -> None:
        """A version that was confirmed and gave way: said at each start, until an update follows."""
        if self._boot.outcome in (CRASHED, HUNG) and not self._boot.is_on_trial():
            why = "kept hanging" if self._boot.outcome == HUNG else "stopped with an error"
            self._chassis.log(2, "The version in the other folder " + why + ": this one runs.")

    # -- what must wait for each other -----------------------------------------------------------

    def refuses(self, op: int, args: bytes) -> bool:
        """Whether this operation has to wait for the end of an update: what starts something or restarts."""
        if not self._is_in_flight():
            return False
        if op == codes.SET_POWER:
            return len(args) > 1 and args[1] == 1
        return op in (codes.POWER_CYCLE, codes.REQUEST_SHUTDOWN, codes.REBOOT)

    def _is_in_flight(self) -> bool:
        if self._is_restarting or self._command:
            return True
        is_open = self._image and self._image.phase in (_CLEARING, _RECEIVING)
        return bool(is_open) and self._chassis.now_ms - self._heard_ms < _IDLE_MS

    def _is_power_moving(self) -> bool:
        """A rail that is to come up, a power cycle, a shutdown: they end first."""
        if self._rails.is_moving():
            return True
        for slot in self._chassis.slots:
            if slot.stopping or slot.waiting:
                return True
        return False

    # -- operations ------------------------------------------------------------------------------

    def run(self, command) -> None:
        """Run one operation of an update, or finish it with the code that says why not."""
        args = command.args
        if command.op == codes.UPDATE_STATUS:
            command.finish(codes.OK, self._status())
        elif command.op == codes.UPDATE_DATA and len(args) > 4:
            self._take(command, struct.unpack("<I", args[:4])[0], args[4:])
        elif command.op == codes.UPDATE_BEGIN and len(args) >= 8 + _DIGEST:
            manifest_size, size = struct.unpack("<II", args[:8])
            self._begin(command, manifest_size, size, args[8 : 8 + _DIGEST])
        elif command.op == codes.UPDATE_COMMIT and len(args) >= _DIGEST:
            self._begin_commit(command, args[:_DIGEST])
        else:
            command.finish(codes.E_ARGS)

    def _begin(self, command, manifest_size: int, size: int, digest: bytes) -> None:
        """Take an image in; the one that is there already goes on where it stopped."""
        if not 0 < manifest_size <= min(size, _MANIFEST_MOST):
            command.finish(codes.E_ARGS)
        elif self._boot.is_on_trial():
            command.finish(
                codes.E_STATE
            )  # it may have to go back to the folder this would overwrite
        elif self._command or self._is_restarting or self._is_power_moving():
            command.finish(codes.E_BUSY)
        else:
            self._heard_ms = self._chassis.now_ms
            self._open(manifest_size, size, digest)
            self._command = command
            self._settle()

    def _open(self, manifest_size: int, size: int, digest: bytes) -> None:
        from .update_folder import UpdateFolder

        image = self._image
        if image and image.digest == digest and image.phase == _RECEIVING:
            return
        boot = self._boot
        folder = boot.folder(1 - boot.running)
        name = self._chassis.spec.name
        self._image = UpdateFolder(folder, manifest_size, size, digest, name)

    def _take(self, command, offset: int, data: bytes) -> None:
        """Take bytes at an absolute offset; answers how far it has come, also where some are missing."""
        image = self._image
        if image is None or image.phase != _RECEIVING or self._command:
            command.finish(codes.E_HARDWARE if image and image.phase == _FAILED else codes.E_STATE)
        else:
            self._heard_ms = self._chassis.now_ms
            is_next = image.take(offset, data)
            code = codes.OK if is_next else codes.E_STATE
            if image.phase == _FAILED:
                code = codes.E_HARDWARE
            command.finish(code, struct.pack("<I", image.received))

    def _begin_commit(self, command, digest: bytes) -> None:
        """Check the whole image, let it start next, and restart."""
        image = self._image
        if image is None or image.digest != digest or image.phase != _RECEIVING:
            command.finish(codes.E_STATE)
        elif image.received < image.size:
            command.finish(codes.E_STATE)
        elif self._command or self._is_power_moving():
            command.finish(codes.E_BUSY)
        else:
            self._heard_ms = self._chassis.now_ms
            self._command = command
            image.begin_check()

    def _status(self) -> bytes:
        """How it stands, with the result of the newest update."""
        from .update_folder import free_bytes, mpy_version

        boot, image = self._boot, self._image
        phase = _RESTARTING if self._is_restarting else image.phase if image else 0
        return struct.pack(
            "<BBBBII8s8s8sIH",
            phase,
            image.fault if image else 0,
            boot.running,
            boot.outcome,
            image.received if image else 0,
            image.size if image else 0,
            image.digest[:8] if image else b"",
            self._running_digest(),
            boot.digest,
            free_bytes(boot.root),
            mpy_version() & 0xFFFF,
        )

    def _running_digest(self) -> bytes:
        boot = self._boot
        try:
            return digest_of(boot.folder(boot.running) + "/" + MANIFEST)[:8]
        except OSError:
            return b""

    # -- the host --------------------------------------------------------------------------------

    def reached_host(self) -> None:
        """The owner was greeted: a version on trial has proved itself."""
        self._trial_until = codes.NEVER
        try:
            self._boot.confirm()
        except OSError:
            self._chassis.log(2, "The new firmware could not be confirmed in flash.")

    def change_owner(self) -> None:
        """What another began, this one does not end."""
        self._image = self._command = None

    # -- time ------------------------------------------------------------------------------------

    def tick(self) -> None:
        """One slice of the work under way; the end of a trial that nobody confirmed."""
        if self._chassis.now_ms >= self._trial_until:
            self._end_trial()
        if self._chassis.now_ms >= self._healthy_at:
            self._forgive()
        if self._command and self._command.result is not None:
            self._stop_commit()
        if self._image and (self._command or self._image.phase == _CLEARING):
            self._image.work()
        self._settle()

    def due(self) -> int:
        """When tick() is next needed."""
        if self._command or (self._image and self._image.phase == _CLEARING):
            return self._chassis.now_ms + 5
        return min(self._trial_until, self._healthy_at)

    def _forgive(self) -> None:
        self._healthy_at = codes.NEVER
        try:
            self._boot.forgive_hangs()
        except OSError:
            pass  # they count on, which is the careful way

    def _stop_commit(self) -> None:
        """The command was ended from outside (another owner): it never acts."""
        self._command = None
        if self._image and self._image.phase in (_CHECKING, _CHECKED):
            self._image = None

    def _settle(self) -> None:
        """Answer the command that waits, if its work is done."""
        image, command = self._image, self._command
        if image is None or command is None:
            return
        if image.phase == _RECEIVING:
            command.finish(codes.OK, self._status())
        elif image.phase == _FAILED:
            if image.fault != _NO_ROOM:  # else what is there may be wrong
                image.forget()
            command.finish(codes.E_HARDWARE, self._status())
        elif image.phase == _CHECKED:
            self._commit(command, image.digest)
        else:
            return
        self._command = None

    def _commit(self, command, digest: bytes) -> None:
        """The last look at the world, then the word that makes the other folder start."""
        code = command.why_late()
        if code == codes.OK and self._is_power_moving():
            code = codes.E_BUSY
        if code == codes.OK:
            try:
                self._boot.commit(digest)
                self._is_restarting = self.reboot_wanted = True
            except OSError:
                code = codes.E_HARDWARE
        if code != codes.OK:
            self._image = None  # a new BEGIN finds everything there
        command.finish(code)

    def _end_trial(self) -> None:
        self._trial_until = codes.NEVER
        try:
            self._boot.give_up(NO_HOST)
        except OSError:
            pass  # the start that comes now finds a trial that was tried
        self.reboot_wanted = True
