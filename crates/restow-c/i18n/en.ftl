### Texts of the C API. `help` is the next action.

argument-missing = The argument { $name } is missing.
    .help = See restow.h.
argument-not-utf8 = The argument { $name } is not UTF-8.
    .help = See restow.h.
argument-invalid = The argument { $name } has a value that is not allowed.
    .help = See restow.h.
refused = The service refused the license: { $cause }.
    .help = Ask the shop or library that the license comes from.
