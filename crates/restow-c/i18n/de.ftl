### Texte der C-Schnittstelle. `help` sagt, was zu tun ist.

argument-missing = Das Argument { $name } fehlt.
    .help = Siehe restow.h.
argument-not-utf8 = Das Argument { $name } ist kein UTF-8.
    .help = Siehe restow.h.
argument-invalid = Das Argument { $name } hat einen unzulässigen Wert.
    .help = Siehe restow.h.
refused = Der Dienst verweigert die Lizenz: { $cause }.
    .help = Bei Shop oder Bibliothek nachfragen, von wo die Lizenz stammt.
