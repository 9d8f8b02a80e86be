"""Menu of a player with librestow, in Python: player.py HOME LOCATION, then one command per line.

    a LINK   acquire licenses         l   list them
    p KEYID  play                     b   back up
    u KEYID  count a use, no key      c   start a backup and cancel it
    t KEYID  titles                   r   restore

Backups use a callback and restores use polling; a program may use either. LIBRESTOW names the library
if the system does not find it.
"""

import ctypes
import itertools
import os
import sys
from ctypes import POINTER, byref, c_bool, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

# The constants of restow.h.
OVERWRITE = 1
BEGIN, NEEDS_INDIVIDUALIZATION, END, ERROR_WITHURL, RESTRICTED_LICENSE = 21, 25, 27, 30, 31
NEEDS_PROVIDER_CONSENT = -2
CANCELED = ctypes.c_int32(0xC00D2768).value


class Summary(ctypes.Structure):
    _fields_ = [(name, c_uint64) for name in
                ("backed_up", "restricted", "restored", "already_here", "refused", "pending", "damaged")]


Callback = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
handle, pointer = c_void_p, POINTER(c_void_p)
SIGNATURES = {
    c_int32: {  # These functions can fail: the last parameter is for the error.
        "home_open": (c_char_p, pointer), "acquire": (handle, c_char_p, c_char_p, pointer),
        "licenses_list": (handle, pointer), "titles": (handle, c_char_p, pointer),
        "can": (handle, c_char_p, c_char_p, POINTER(c_int64)), "use": (handle, c_char_p, c_char_p, c_uint32),
        "open_key": (handle, c_char_p, c_char_p, c_uint32, c_char_p), "restorer_new": (handle, pointer),
        "set_location": (handle, c_char_p), "set_computer_name": (handle, c_char_p),
        "backup": (handle, c_uint32, Callback, c_void_p), "restore": (handle, c_uint32, Callback, c_void_p),
        "plan_restore": (handle, c_uint32, pointer), "allow_service": (handle, c_char_p),
        "ask_provider": (handle, c_char_p),
    },
    None: {"home_free": (handle,), "error_free": (handle,), "import_result_free": (handle,), "licenses_free": (handle,),
           "texts_free": (handle,), "event_free": (handle,), "cancel": (handle,), "wait": (handle,),
           "restorer_free": (handle,), "plan_free": (handle,)},
    c_char_p: {"error_message": (handle,), "error_help": (handle,), "import_result_refused_name": (handle, c_size_t),
               "import_result_url": (handle,), "license_id": (handle,), "license_title": (handle, c_size_t),
               "license_key_id": (handle, c_size_t), "license_status": (handle,), "license_reason": (handle,),
               "texts_get": (handle, c_size_t), "event_service": (handle,), "event_origin": (handle,),
               "event_fingerprint": (handle,), "event_url": (handle,), "event_message": (handle,),
               "service_name": (handle,), "service_origin": (handle,), "service_fingerprint": (handle,),
               "provider_origin": (handle,)},
    c_bool: {"service_registered": (handle,), "provider_allowed": (handle,), "provider_manual_only": (handle,)},
    c_void_p: {"import_result_refused_error": (handle, c_size_t), "licenses_get": (handle, c_size_t),
               "event_license": (handle, c_size_t), "poll": (handle, c_uint32),
               "plan_service": (handle, c_size_t), "plan_provider": (handle, c_size_t)},
    c_uint64: {"import_result_licenses": (handle,)},
    c_int64: {"license_left": (handle,)},
    Summary: {"event_summary": (handle,)},
}


class CallError(Exception):
    pass


class Library:
    """The functions of restow.h without their prefix. Functions that can fail raise CallError."""

    def __init__(self, path):
        library = ctypes.CDLL(path)
        for result, functions in SIGNATURES.items():
            for name, arguments in functions.items():
                function = getattr(library, f"restow_{name}")
                function.restype, function.argtypes = result, arguments
                setattr(self, name, self.checked(function) if result is c_int32 else function)
        # These two functions also return numbers, but cannot fail.
        self.event_status, self.event_hresult = library.restow_event_status, library.restow_event_hresult
        self.event_status.argtypes = self.event_hresult.argtypes = (handle,)

    def checked(self, function):
        function.argtypes = (*function.argtypes, pointer)

        def call(*arguments):
            error = c_void_p()
            if function(*arguments, byref(error)):
                message = f"{self.error_message(error).decode()}. {self.error_help(error).decode()}"
                self.error_free(error)
                raise CallError(message)
        return call


if len(sys.argv) != 3:
    print("usage: player.py HOME LOCATION", file=sys.stderr)
    sys.exit(2)
restow = Library(os.environ.get("LIBRESTOW", "librestow.so.0"))


def each(get, owner):
    """Yields the results of `get` for the indexes 0, 1, 2 and so on."""
    return itertools.takewhile(lambda part: part is not None, (get(owner, index) for index in itertools.count()))


def display_name(license):
    text = restow.license_title(license, 0) or restow.license_key_id(license, 0) or restow.license_id(license)
    return text.decode()


class Player:
    def __init__(self, folder, location):
        self.home, self.restorer = c_void_p(), c_void_p()
        restow.home_open(folder.encode(), byref(self.home))
        restow.restorer_new(self.home, byref(self.restorer))
        restow.set_location(self.restorer, location.encode())
        restow.set_computer_name(self.restorer, b"living room")

    def close(self):
        restow.restorer_free(self.restorer)
        restow.home_free(self.home)

    def acquire(self, link):
        result = c_void_p()
        restow.acquire(self.home, link.encode(), b"living room", byref(result))
        print(f"Licenses that came: {restow.import_result_licenses(result)}.")
        errors = each(restow.import_result_refused_error, result)
        for license, error in zip(each(restow.import_result_refused_name, result), errors):
            print(f"{license.decode()}: {restow.error_message(error).decode()}")
        if restow.import_result_url(result):
            print(f"See {restow.import_result_url(result).decode()}")
        restow.import_result_free(result)

    def list(self):
        licenses = c_void_p()
        restow.licenses_list(self.home, byref(licenses))
        for license in each(restow.licenses_get, licenses):
            left = restow.license_left(license)
            print(f"{display_name(license)}: {restow.license_status(license).decode()}"
                  + (f", {left} plays left" if left >= 0 else "")
                  + (", cannot be backed up" if restow.license_reason(license) else ""))
        restow.licenses_free(licenses)

    def titles(self, key_id):
        texts = c_void_p()
        restow.titles(self.home, key_id.encode(), byref(texts))
        for text in each(restow.texts_get, texts):
            print(text.decode())
        restow.texts_free(texts)

    def play(self, key_id):
        key = ctypes.create_string_buffer(16)
        restow.open_key(self.home, key_id.encode(), b"Play", 0, key)
        print("Playing.")  # Here the content would be decrypted.
        ctypes.memset(key, 0, 16)

    def use(self, key_id):
        left = c_int64()
        restow.can(self.home, key_id.encode(), b"Play", byref(left))
        restow.use(self.home, key_id.encode(), b"Play", 0)
        print("Counted nothing." if left.value < 0 else f"Counted one, {left.value - 1} left.")

    def print_event(self, event):
        """Prints an event. As a callback, this method runs on the thread of the run."""
        status = restow.event_status(event)
        if status == RESTRICTED_LICENSE:
            license = restow.event_license(event, 0)
            print(f"{display_name(license)} cannot be backed up: {restow.license_reason(license).decode()}")
        elif status == NEEDS_INDIVIDUALIZATION:
            print(f"{restow.event_service(event).decode()} was not asked.")
        elif status == NEEDS_PROVIDER_CONSENT:
            print(f"{restow.event_origin(event).decode()} was not asked about its licenses.")
        elif status == ERROR_WITHURL:
            print(f"{restow.event_service(event).decode()} refused. See {restow.event_url(event).decode()}")
        elif status == END:
            for license in each(restow.event_license, event):
                print(f"{display_name(license)} did not come: {restow.license_reason(license).decode()}")
            if restow.event_hresult(event) == CANCELED:
                print("Cancelled.")
            elif restow.event_message(event):
                print(f"{restow.event_message(event).decode()}.")
            sum = restow.event_summary(event)
            print(f"Backed up: {sum.backed_up}. Restored: {sum.restored}. Here already: {sum.already_here}.")
        return status

    def backup(self, cancel=False):
        @Callback
        def on_event(event, _context):
            if self.print_event(event) == BEGIN and cancel:
                restow.cancel(self.restorer)

        restow.backup(self.restorer, OVERWRITE, on_event, None)
        restow.wait(self.restorer)  # `on_event` must exist until the wait returns.

    def ask_consent(self):
        """Shows each service and each provider that the restore would contact, and asks for consent."""
        plan = c_void_p()
        restow.plan_restore(self.restorer, 0, byref(plan))
        for service in each(restow.plan_service, plan):
            if restow.service_registered(service):
                continue
            print(f"{restow.service_name(service).decode()} at {restow.service_origin(service).decode()}")
            print(f"with the fingerprint {restow.service_fingerprint(service).decode()}")
            if ask("May this computer be registered there?"):
                restow.allow_service(self.restorer, restow.service_fingerprint(service))
        for provider in each(restow.plan_provider, plan):
            if restow.provider_allowed(provider) or restow.provider_manual_only(provider):
                continue
            print(restow.provider_origin(provider).decode())
            if ask("May it be asked about its licenses?"):
                restow.ask_provider(self.restorer, restow.provider_origin(provider))
        restow.plan_free(plan)

    def restore(self):
        self.ask_consent()
        restow.restore(self.restorer, 0, Callback(), None)
        while event := restow.poll(self.restorer, 0xFFFFFFFF):  # None after END
            self.print_event(event)
            restow.event_free(event)


def ask(question):
    print(f"{question} (y/n)", flush=True)
    return sys.stdin.readline().startswith("y")


def main(folder, location):
    player = Player(folder, location)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        try:
            match command:
                case "a": player.acquire(argument)
                case "l": player.list()
                case "t": player.titles(argument)
                case "p": player.play(argument)
                case "u": player.use(argument)
                case "b": player.backup()
                case "c": player.backup(cancel=True)
                case "r": player.restore()
        except CallError as error:
            print(error)
    player.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
