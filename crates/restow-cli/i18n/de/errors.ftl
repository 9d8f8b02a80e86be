### Fehler des Befehls selbst: eine Nachricht je Code. `help` ist der nächste Schritt.

## Argumente

usage = Die Argumente passen nicht zusammen.
    .help = Siehe: restow --help
usage-command = Den Befehl „{ $name }“ gibt es nicht.
    .help = { $suggestion ->
        [none] Alle Befehle zeigt: { $command } --help
       *[other] Ist „{ $suggestion }“ gemeint? Alle Befehle zeigt: { $command } --help
    }
usage-unknown = Das Argument „{ $argument }“ gibt es hier nicht.
    .help = { $suggestion ->
        [none] Alle Argumente zeigt: { $command } --help
       *[other] Ist „{ $suggestion }“ gemeint? Alle Argumente zeigt: { $command } --help
    }
usage-missing = Es fehlt: { $argument }
    .help = Alle Argumente zeigt: { $command } --help
usage-missing-terms = Es fehlt: { $argument }, oder --key-id für eine einzelne Lizenz
    .help = Alle Argumente zeigt: { $command } --help
usage-value = Für { $argument } ist „{ $value }“ nicht möglich ({ $what }).
    .help = Alle Argumente zeigt: { $command } --help
usage-no-value = Für { $argument } fehlt ein Wert ({ $what }).
    .help = Alle Argumente zeigt: { $command } --help
usage-conflict = { $argument } und { $other } schließen sich aus.
    .help = Alle Argumente zeigt: { $command } --help
usage-right = „{ $right }“ kann kein Recht bezeichnen.
    .help = Möglich sind Play, Copy, Print oder ein anderer Name aus Buchstaben, Ziffern und Punkten.
usage-use-license = Nutzungen werden für Dateien gezählt, nicht für Lizenzen.
    .help = Die Datei oder ihre Schlüssel-ID angeben.
usage-count = „{ $number }“ in „{ $right }“ ist keine Anzahl.
    .help = Eine ganze Zahl angeben, zum Beispiel Play=5, oder nur das Recht.
export-into-backup = { $path } enthält eine Sicherung. Der Ordner für die Dateien fehlt.
    .help = Aus der Sicherung: restow export { $path } ORDNER. Von diesem Computer, in einen anderen Ordner: restow export ORDNER
needs-yes = { $question }
    .help = Es wurde nichts geändert. Eine Rückfrage ist hier nicht möglich: zum Einwilligen --yes angeben.
unknown-authority = --from braucht den Namen einer Stelle: { $names }.
    .help = Um eine Datei hinzuzufügen: restow roots add DATEI
key-id = „{ $key }“ ist keine Schlüssel-ID.
    .help = Eine UUID wie 09e091ab-f838-41d2-9e35-58531fd19ec7 angeben, hex:… oder text:…

## Dateien und Ordner

home-a-file = { $path } ist eine Datei.
    .help = Einen Ordner nennen, mit --home ORDNER oder RESTOW_HOME.
output = Die Ausgabe lässt sich nicht schreiben: { $reason }.
    .help = Speicherplatz freigeben oder an einen anderen Ort schreiben.
unreadable = { $path }: { $cause }.
    .help = Den Pfad prüfen. Möglich sind auch eine Schlüssel-ID wie 09e091ab-f838-41d2-9e35-58531fd19ec7 oder eine Lizenz dieses Computers.
nothing-scanned = Nichts davon ist lesbar.
    .help = Prüfen, ob die Dateien Ihnen gehören und ob das Laufwerk in Ordnung ist.
random = Die Zufallsquelle des Systems ist ausgefallen.
    .help = Noch einmal versuchen.

## Lizenzen

nothing-imported = Es wurde nichts importiert.
    .help =
        { $count ->
            [0] Lizenzdateien enden meist auf .lcpl, .jws oder .json. Eine solche Datei oder ihren Ordner angeben.
           *[other] Grund und Abhilfe stehen oben bei jeder Datei.
        }
export-empty = Es gibt keine Lizenz zum Schreiben.
    .help = Zuerst Lizenzen importieren, oder eine Sicherung mit Lizenzen angeben: restow export { $location } ORDNER
show-nothing = Von der Sicherung in { $path } ist nichts lesbar.
    .help = Eine andere Sicherung verwenden. Was beschädigt ist, zeigt: restow verify { $path }
no-such-license = Die Lizenz { $license } gibt es hier nicht.
    .help = Alle Lizenzen zeigt: restow licenses
license-ambiguous = „{ $license }“ passt auf { $count } Lizenzen.
    .help = Mehr vom Titel oder von der ID angeben, oder --issuer AUSSTELLER, wenn der Befehl es kennt. Diese Lizenzen passen:
last-copy = { $title } ist in keiner Sicherung. Dies ist vielleicht die letzte Kopie.
    .help = Zuerst sichern (restow backup { $location }), oder --yes angeben.
last-copy-unseen = { $title } ist vielleicht nur noch in der Sicherung vom { $at } in { $location }, die nicht angeschlossen ist.
    .help = Die Sicherung anschließen, neu sichern, oder --yes angeben.

## Lizenzen holen

nothing-acquired = Es wurde keine Lizenz empfangen.
    .help = Dort nachfragen, woher die Dateien stammen: beim Shop oder bei der Bibliothek.
no-key-id = In { $path } findet Restow keine Schlüssel-ID.
    .help = Die Schlüssel-ID oder eine andere geschützte Datei angeben. Was Restow in einer Datei findet, zeigt restow file.
acquire-lcp = { $path } ist ein mit LCP geschütztes Buch. Die Lizenz hat nur der Shop oder die Bibliothek.
    .help = Das Buch oder seine .lcpl-Datei dort erneut herunterladen, dann: restow import DATEI
acquire-what = „{ $source }“ ist weder Link noch Datei noch Schlüssel-ID.
    .help = Einen Link von Shop oder Bibliothek (https://…), geschützte Dateien oder Schlüssel-IDs wie 09e091ab-f838-41d2-9e35-58531fd19ec7 angeben.
no-such-provider = { $url } steht nicht auf der Liste der erlaubten Anbieter.
    .help = Die Liste zeigt: restow provider list

## Sicherungen

restore-empty = Die Sicherung in { $path } ist leer. Sie enthält keine Lizenz.
    .help = Auf dem Computer mit den Büchern restow import ORDNER ausführen und neu sichern. Alle Sicherungen an einem Ort zeigt: restow backups { $location }
restore-none-of = Die Sicherung enthält keine Lizenz { $license }.
    .help = Ihre Lizenzen zeigt: restow show { $location }
damaged =
    { $count ->
        [one] { $location } ist beschädigt: 1 Fehler gefunden.
       *[other] { $location } ist beschädigt: { $count } Fehler gefunden.
    }
    .help = Die unbeschädigten Lizenzen wiederherstellen (restow restore { $location }), danach neu sichern.
damaged-known =
    { $count ->
        [one] { $location } ist beschädigt: 1 Fehler gefunden, in einem Teil, den eine spätere Sicherung ersetzt hat.
       *[other] { $location } ist beschädigt: { $count } Fehler gefunden, in Teilen, die eine spätere Sicherung ersetzt hat.
    }
    .help = Es ist nichts zu tun. Restow behält die beschädigten Teile: Sie sind vielleicht die letzte Kopie von Lizenzen, die dieser Computer nicht mehr hatte.
older-state = { $location } enthält einen älteren Stand, als dieser Computer dorthin geschrieben hat.
    .help = Alle Dateien dort sind unbeschädigt. Den neuesten Stand wieder schreiben: restow backup { $location }

## Dienste und Computer

no-service = Es ist noch kein Dienst hinzugefügt.
    .help = Den Dienst Ihres Shops oder Ihrer Bibliothek hinzufügen: restow service add URL
which-service = Es gibt mehrere Dienste.
    .help = Einen mit Name, Adresse oder Fingerabdruck angeben. Alle zeigt: restow service
no-such-service = Den Dienst „{ $name }“ gibt es nicht.
    .help = Alle Dienste zeigt: restow service
no-consent-service = { $name } wurde nicht hinzugefügt, weil Ihre Einwilligung fehlt.
    .help = Den Fingerabdruck mit dem von Shop oder Bibliothek vergleichen, dann --yes angeben.
no-consent-register = Dieser Computer ist bei { $service } nicht angemeldet.
    .help = Zum Einwilligen in die Anmeldung --register angeben.
which-computer = „{ $name }“ passt zu mehreren Computern.
    .help = Mehr Zeichen der ID eingeben. Alle zeigt: restow computer
no-such-backup = Dieser Computer kennt keine Sicherung in { $location }.
    .help = restow backups listet die Sicherungen auf, die er kennt.
no-such-computer = Den Computer „{ $name }“ gibt es nicht.
    .help = Alle Computer zeigt: restow computer
nothing-to-refuse = { $name } ist schon bestätigt, und es wartet keine Freigabe.
    .help = Um ihm seine Lizenzen zu nehmen, den Computer freigeben: restow computer release { $computer }

## Betreiber

right-twice = Das Recht „{ $right }“ ist zweimal angegeben.
    .help = Jedes Recht nur einmal angeben.
terms-number = { $path }: Die Zahl der Lizenzen muss zwischen 1 und { $most } liegen.
    .help = Mehr Lizenzen in mehreren Aufrufen ausstellen.
terms = { $path }: { $cause }.
    .help = Eine Datei mit einer JSON-Liste von Bedingungen wählen, oder - für die Standardeingabe.
terms-json = { $path } ist kein JSON (Zeile { $line }, Spalte { $column }).
    .help = Es wurde nichts ausgestellt. Die Datei an dieser Stelle berichtigen.
terms-missing = { $path }: „{ $name }“ fehlt im Objekt, das in Zeile { $line }, Spalte { $column } endet.
    .help = Es wurde nichts ausgestellt. Für jede Lizenz „key_ids“ und „rights“ angeben.
terms-unknown = { $path }: „{ $name }“ (Zeile { $line }, Spalte { $column }) ist in Bedingungen nicht bekannt.
    .help = Es wurde nichts ausgestellt. Bekannt sind key_ids, title, rights, priority, not_before, expires, unreported und limit; in einem Recht count, from, until und first_use_seconds.
terms-shape = { $path }: „{ $name }“ (Zeile { $line }, Spalte { $column }) hat einen Wert vom falschen Typ.
    .help = Es wurde nichts ausgestellt. „key_ids“ ist eine Liste von Texten, „title“ ein Text, „rights“ ein Objekt mit jedem Recht einmal. Alle anderen sind ganze Zahlen, Zeiten auch Daten wie 2030-12-31 oder 2030-12-31T12:00:00Z.
terms-list = { $path } ist keine Liste von Bedingungen (Zeile { $line }, Spalte { $column }).
    .help = Es wurde nichts ausgestellt. Eine JSON-Liste von Objekten mit key_ids, title und rights angeben.
no-operator = Es ist nicht angegeben, welcher Dienst verwaltet werden soll.
    .help = Auf dem Computer des Dienstes --service ORDNER angeben. Sonst RESTOW_SERVICE_URL und RESTOW_API_KEY setzen. Für einen neuen Dienst: restow admin init
no-api-key = Der API-Schlüssel fehlt.
    .help = RESTOW_API_KEY setzen oder --service ORDNER angeben.
admin-key = { $url } nimmt diesen API-Schlüssel nicht an ({ $from }).
    .help = Der Schlüssel steht im Ordner des Dienstes in der Datei api.key. --service ORDNER angeben, oder RESTOW_API_KEY auf ihren Inhalt setzen.
admin-not-there = Diese Lizenz, diesen Inhaber oder diesen Computer hat der Dienst nicht. { $text }
    .help = Die Liste zeigt: restow admin list
admin-busy = Der Dienst konnte das jetzt nicht tun. { $text }
    .help = Bald erneut versuchen. Den Grund zeigt die Ausgabe des Dienstes.
admin-address = { $url } ist nicht möglich: http ist nur für diesen Computer selbst erlaubt.
    .help = https verwenden.
admin-unreachable = { $url }: Der Dienst ist nicht erreichbar: { $cause }.
    .help = Prüfen, ob er läuft: restow serve ORDNER
admin-answer = { $url }: Der Server dort ist kein Lizenzdienst (Status { $status }).
    .help = Die Adresse prüfen.
admin-problem = Der Dienst hat die Werte abgelehnt. { $text }
    .help = Die Werte berichtigen. Was erlaubt ist, zeigt: restow admin BEFEHL --help
admin-none-such = „{ $name }“ gibt es dort nicht.
    .help = Die ID, ihre ersten Zeichen (mindestens 6) oder den Namen eines Computers angeben, wie in: restow admin list
admin-link-used = Dieser Link ist schon eingelöst.
    .help = Um die Lizenzen zurückzunehmen, sie widerrufen: restow admin revoke LIZENZ --reason TEXT
id-too-short = „{ $name }“ ist zu kurz für eine ID.
    .help = Mindestens { $least } Zeichen davon eingeben, wie eine Liste sie zeigt.
admin-several = „{ $name }“ passt zu mehreren Einträgen.
    .help = Mehr Zeichen der ID eingeben. Ganze IDs zeigt: restow admin list --json

## Vorführung

demo = Die Vorführung ist fehlgeschlagen: { $reason }
    .help = Bitte melden.
demo-folder = { $path } gibt es schon.
    .help = Einen neuen Ordner angeben.
