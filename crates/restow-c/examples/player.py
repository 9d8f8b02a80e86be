"""A player's menu over librestow, from Python: back up, restore, play.

    LIBRESTOW=…/librestow.so python3 player.py HOME LOCATION        then b, r, p KEYID or q, one a line
"""

import ctypes
import os
import sys
import threading
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p

lib = ctypes.CDLL(os.environ.get("LIBRESTOW", "librestow.so"))


class Summary(ctypes.Structure):
    _fields_ = [(name, c_uint64) for name in
                ("backed_up", "restricted", "restored", "already_here", "refused", "pending", "damaged")]


CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)


def declare(name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments
    return function


home_open = declare("restow_home_open", c_int32, c_char_p, POINTER(c_void_p), POINTER(c_void_p))
home_free = declare("restow_home_free", None, c_void_p)
restorer_new = declare("restow_restorer_new", c_int32, c_void_p, POINTER(c_void_p), POINTER(c_void_p))
restorer_free = declare("restow_restorer_free", None, c_void_p)
set_location = declare("restow_set_location", c_int32, c_void_p, c_char_p, POINTER(c_void_p))
backup = declare("restow_backup", c_int32, c_void_p, c_uint32, CALLBACK, c_void_p, POINTER(c_void_p))
restore = declare("restow_restore", c_int32, c_void_p, c_uint32, CALLBACK, c_void_p, POINTER(c_void_p))
open_key = declare("restow_open_key", c_int32, c_void_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p))
error_message = declare("restow_error_message", c_char_p, c_void_p)
error_help = declare("restow_error_help", c_char_p, c_void_p)
error_free = declare("restow_error_free", None, c_void_p)
status = declare("restow_event_status", c_int32, c_void_p)
title = declare("restow_event_title", c_char_p, c_void_p, c_size_t)
text = {name: declare(f"restow_event_{name}", c_char_p, c_void_p)
        for name in ("reason", "key_id", "service", "url", "message", "help")}
summary = declare("restow_event_summary", Summary, c_void_p)


class Failed(Exception):
    pass


def call(function, *arguments):
    error = c_void_p()
    if function(*arguments, byref(error)):
        told = f"{error_message(error).decode()}. {error_help(error).decode()}"
        error_free(error)
        raise Failed(told)


def tell(event):
    said = {name: (function(event) or b"").decode() for name, function in text.items()}
    number = status(event)
    if number == 31:
        first = title(event, 0)
        print(f"{first.decode()}: {said['reason']}" if first else f"Some licenses cannot be backed up: {said['key_id']}")
    elif number == 25:
        print(f"{said['service']} must register this computer first")
    elif number == 30:
        print(f"See {said['url']}")
    elif number == 27:
        if said["message"]:
            print(f"{said['message']}. {said['help']}")
        sum = summary(event)
        print(f"Backed up: {sum.backed_up}. Restored: {sum.restored}. Here already: {sum.already_here}.")


def run(start, restorer, flags):
    """Starts a run and waits for its end; the callback is called from the run's own thread."""
    ended = threading.Event()

    @CALLBACK
    def on_event(event, _context):
        tell(event)
        if status(event) == 27:
            ended.set()

    call(start, restorer, flags, on_event, None)
    ended.wait()
    kept.append(on_event)


kept = []  # A callback may still be returning when its end was told.


def main(folder, location):
    home, restorer = c_void_p(), c_void_p()
    call(home_open, folder.encode(), byref(home))
    call(restorer_new, home, byref(restorer))
    call(set_location, restorer, location.encode())
    for line in map(str.strip, sys.stdin):
        try:
            if line == "b":
                run(backup, restorer, 1)
            elif line == "r":
                run(restore, restorer, 0)
            elif line.startswith("p "):
                key = (ctypes.c_uint8 * 16)()
                call(open_key, home, line[2:].encode(), b"Play", key)
                ctypes.memset(key, 0, 16)
                print("playing")
            elif line == "q":
                break
        except Failed as failed:
            print(failed)
    restorer_free(restorer)
    home_free(home)


if __name__ == "__main__":
    main(*sys.argv[1:])
