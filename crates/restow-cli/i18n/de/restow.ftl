### Texte des Befehls restow. Jede Nachricht und jedes Attribut gibt es in jeder Sprache, mit denselben Werten.
###
### Begriffe, englischer Begriff in Klammern:
###   Sicherungsort, ORT (backup location): Ordner oder Laufwerk, das für Sicherungen gewählt wurde
###   Sicherung (backup); Satz (set): Sicherung eines Computers an einem Ort; Generation (generation)
###   sichern (back up), wiederherstellen (restore), zurücklegen (put back), holen (fetch), erfassen (scan)
###   Computer (computer): eine Installation; Ordner von Restow (Restow's folder): Ordner von --home
###   anmelden (register), bestätigen (confirm), ablehnen (refuse), freigeben (release), zurückziehen (withdraw)
###   Wiederherstellungsschlüssel (restore key); Inhaber (holder)
###   Dienst (service): stellt eigene Lizenzen von Restow aus; Lizenzdienst (License Management Service)
###   Anbieter (provider): Bibliothek oder Shop mit LCP-Lizenzen; Aussteller (issuer): Dienst oder Anbieter
###   Lizenz (license), Ausleihe (loan); abgelaufen (expired), zurückgegeben (returned), widerrufen (revoked),
###   storniert (cancelled), beendet (ended), ausstehend (pending)
###   Buch (book): Datei mit LCP-Lizenz, auch Hörbuch, Comic oder PDF; Leseprogramm (reading app)
###   im Buch (embedded); beschädigt (damaged); Schlüssel-ID (key ID)
###   Signatur (signature), Stammzertifikat (root certificate); vertrauen (trust), misstrauen (distrust)
###
### Eine Nachricht sagt, was geschehen ist, und dann, was zu tun ist. Zahlen stehen in Ziffern, mit echter Ein- und
### Mehrzahl. Was zu tun ist, steht im Infinitiv; angeredet wird mit „Sie“.

## Hilfe: eine Nachricht je Befehl, ein Attribut je Argument

help = Medienlizenzen sichern und wiederherstellen
    .home = Ordner von Restow (oder RESTOW_HOME)
    .json = JSON für Programme ausgeben, ein Objekt je Zeile
    .lang = Sprache: en oder de
    .help = Hilfe zeigen
    .version = Version zeigen
    .after = Restow kopiert Lizenzen, nicht die Dateien, die sie öffnen. Zum Einstieg: restow import ORDNER fügt Lizenzen hinzu, auch solche in Büchern; restow scan ORDNER erfasst Titel; restow backup ORT legt eine Sicherung an.
help-scan = Geschützte Dateien finden und ihre Titel merken
    .paths = Dateien und Ordner
help-files = Die erfassten Dateien auflisten
help-file = Eine Datei erklären: ihren Schutz, ihre Schlüssel-IDs, ihre Lizenzen
    .path = Die Datei
help-import = Lizenzen aus Dateien, Büchern und ZIP-Archiven hinzufügen
    .paths = Dateien und Ordner; Lizenzen werden am Inhalt erkannt
help-acquire = Lizenzen mit einem Einmal-Link oder für geschützte Dateien holen
    .sources = Ein Link von Shop oder Bibliothek, geschützte Dateien oder Schlüssel-IDs
    .register = Einwilligen, dass dieser Computer beim Dienst angemeldet wird
    .name = Name dieses Computers, wie ihn der Dienst zeigt
help-licenses = Die Lizenzen auf diesem Computer auflisten
    .check = Auch die Signaturen der LCP-Lizenzen prüfen; Exit-Status 1, wenn eine ungültig ist
    .user = Auch zeigen, für wen LCP-Lizenzen ausgestellt sind, soweit es unverschlüsselt darin steht
help-forget = Eine Lizenz von diesem Computer entfernen, mit --from aus seinen Sicherungen
    .license = Die Lizenz-ID
    .issuer = Aussteller der Lizenz, falls mehrere Aussteller diese ID verwenden
    .from = Die Lizenz stattdessen aus allen Sicherungen dieses Computers in ORT entfernen
    .yes = Nicht fragen, auch wenn keine Sicherung die Lizenz enthält
help-can = Prüfen, ob eine Aktion erlaubt ist
    .target = Eine Datei, eine Schlüssel-ID oder eine Lizenz-ID
    .action = Die Aktion: Play, Copy, Print … [Play]
    .count-one = Eine Nutzung zählen
help-why = Alles zeigen, was über eine Lizenz bekannt ist, und woher es stammt
    .target = Eine Datei, eine Schlüssel-ID oder eine Lizenz-ID
help-status = Zeigen, was gesichert und was gefährdet ist und was heute Nacht verloren ginge
help-backup = Die Lizenzen dieses Computers sichern
    .location = Ein Ordner oder Laufwerk Ihrer Wahl
    .dry-run = Das Ergebnis zeigen und nichts ändern
    .name = Name dieses Computers, wie ihn die Sicherung zeigt
    .keep = Wie viele Sicherungen dieses Computers erhalten bleiben, mindestens 2 [10]
help-restore = Lizenzen aus einer Sicherung wiederherstellen
    .location = Ordner oder Laufwerk mit der Sicherung
    .dry-run = Das Ergebnis zeigen; nichts ändern, keinen Dienst und keinen Anbieter fragen
    .only = Nur diese Lizenz-IDs
    .register = Einwilligen, dass dieser Computer bei den nötigen Diensten angemeldet wird und die Anbieter der LCP-Lizenzen gefragt werden
    .adopt = Lizenzen eines anderen Inhabers übernehmen: einer anderen Person, oder Ihre eigenen aus der Zeit vor der Anmeldung dieses Computers
    .set = Nur dieser Satz; die ersten Zeichen seiner ID genügen
    .generation = Diese Generation statt der neuesten, eine Zahl ab 1
    .name = Name dieses Computers, falls er angemeldet werden muss
help-backups = Bekannte Sicherungen auflisten, oder die Sicherungen an einem Ort
    .location = Ordner oder Laufwerk mit Sicherungen
help-show = Die Lizenzen in einer Sicherung zeigen, und welche darin fehlen
    .location = Ordner oder Laufwerk mit der Sicherung
    .set = Nur dieser Satz; die ersten Zeichen seiner ID genügen
    .generation = Diese Generation statt der neuesten, eine Zahl ab 1
help-export = Lizenzen als Dateien schreiben, für Leseprogramme und andere Programme
    .location = Ordner oder Laufwerk mit einer Sicherung; ohne Angabe die Lizenzen auf diesem Computer
    .folder = Ordner für die Dateien; vorhandene Dateien bleiben unverändert
    .set = Nur dieser Satz der Sicherung; die ersten Zeichen seiner ID genügen
    .generation = Diese Generation der Sicherung statt der neuesten, eine Zahl ab 1
help-put-back = LCP-Lizenzen in und neben ihre Bücher legen, wo Leseprogramme sie suchen
    .path = Ordner mit Ihren Büchern; ohne Angabe die erfassten Ordner. Mit --license ein Buch
    .fetch = Einwilligen, dass fehlende Bücher heruntergeladen werden, wenn die Lizenz eine Prüfsumme und höchstens 4 GiB nennt
    .license = Diese Lizenz in das Buch legen
    .issuer = Aussteller der Lizenz, falls mehrere Anbieter diese ID verwenden
    .yes = Eine andere Ihrer Lizenzen im Buch, oder eine unlesbare, ohne Rückfrage ersetzen
help-verify = Jedes Byte einer Sicherung prüfen (auch: check)
    .location = Ordner oder Laufwerk mit der Sicherung
help-computer = Ihre Computer zeigen und verwalten
help-computer-show = Diesen Computer und Ihre anderen zeigen
help-computer-register = Diesen Computer bei einem Dienst anmelden
    .service = Name, Adresse oder Fingerabdruck des Dienstes
    .name = Name dieses Computers, wie ihn der Dienst zeigt
help-computer-release = Einen Computer freigeben, damit ein anderer seine Lizenzen nutzen kann
    .computer = Sein Name oder die ersten Zeichen seiner ID
    .withdraw-keys = Auch die Wiederherstellungsschlüssel in seinen Sicherungen zurückziehen
    .yes = Nicht fragen
help-computer-confirm = Einen Computer bestätigen, der über eine Sicherung dazukam
    .computer = Sein Name oder die ersten Zeichen seiner ID
help-computer-refuse = Einen unbestätigten Computer oder eine wartende Freigabe ablehnen
    .computer = Sein Name oder die ersten Zeichen seiner ID
help-computer-withdraw-key = Die Wiederherstellungsschlüssel in allen Sicherungen eines Computers zurückziehen
    .computer = Sein Name oder die ersten Zeichen seiner ID
help-service = Die Dienste verwalten, denen Sie vertrauen
help-service-list = Die Dienste auflisten
help-service-add = Name und Fingerabdruck eines Dienstes zeigen und ihm dann vertrauen
    .url = Adresse des Dienstes
    .yes = Nicht fragen
help-service-remove = Einem Dienst nicht mehr vertrauen; seine Lizenzen bleiben erhalten
    .service = Name, Adresse oder Fingerabdruck
    .yes = Nicht fragen
help-provider = Die Anbieter (Bibliotheken und Shops) verwalten, die Restow nach LCP-Lizenzen fragen darf
help-provider-list = Die Anbieter auflisten
help-provider-allow = Den Kontakt mit einem Anbieter erlauben
    .url = Seine Adresse mit https://; http:// nur für private Adressen
help-provider-remove = Den Kontakt mit einem Anbieter beenden; seine Lizenzen bleiben erhalten
    .url = Seine Adresse
help-renew = Eine Ausleihe verlängern
    .license = Die Lizenz-ID
    .issuer = Aussteller der Lizenz, falls mehrere Anbieter diese ID verwenden
    .until = Neues Ende, ein Tag (2026-12-31) oder Zeitpunkt; ohne Angabe so spät, wie der Anbieter erlaubt
    .yes = Den Anbieter ohne Rückfrage kontaktieren
help-return = Eine Ausleihe vorzeitig zurückgeben; die Lizenz bleibt hier, öffnet aber nichts mehr
    .license = Die Lizenz-ID
    .issuer = Aussteller der Lizenz, falls mehrere Anbieter diese ID verwenden
    .yes = Nicht fragen
help-refresh = Anbieter und Dienste nach dem Stand der Lizenzen fragen und neuere holen
    .licenses = Nur diese Lizenz-IDs; ohne Angabe alle
    .issuer = Aussteller der Lizenzen, falls mehrere Anbieter eine ID verwenden
    .yes = Die Anbieter ohne Rückfrage kontaktieren
help-roots = Die Stammzertifikate verwalten, denen Sie bei Signaturen von LCP-Lizenzen vertrauen
help-roots-list = Die Zertifikate auflisten, denen Sie vertrauen oder misstrauen
help-roots-add = Dem Stammzertifikat einer Lizenzstelle vertrauen
    .file = Das Zertifikat, in PEM oder DER
help-roots-distrust = Einem Anbieter oder Stammzertifikat misstrauen: Seine Lizenzen bleiben erhalten, gelten als ungültig und ersetzen nie andere
    .file = Das Zertifikat oder eine Lizenz des Anbieters
help-roots-remove = Ein Zertifikat von seiner Liste streichen
    .fingerprint = Die ersten Zeichen seines Fingerabdrucks
help-serve = Einen Lizenzdienst betreiben
    .folder = Ordner, den admin init angelegt hat
    .listen = Adresse und Port; Port 0 wählt einen freien [Adresse des Dienstes, falls sie zu diesem Computer gehört; sonst 127.0.0.1:8080]
help-admin = Einen Lizenzdienst einrichten und verwalten
help-admin-init = Ordner und Schlüssel eines neuen Dienstes anlegen
    .folder = Ein neuer Ordner
    .name = Name des Dienstes, wie er angezeigt wird
    .url = Öffentliche Adresse des Dienstes
    .contact = Kontakt für Inhaber, die eine Grenze erreichen: eine Mailadresse, eine Webseite oder ein Satz
    .privacy-url = Webseite mit der Datenschutzerklärung
help-admin-issue = Lizenzen ausstellen und einen Einmal-Link ausgeben
    .file = JSON-Liste von Bedingungen; - liest die Standardeingabe
    .key-id = Schlüssel-ID einer einzelnen Lizenz; mehrfach möglich
    .title = Titel der Lizenz
    .right = Ein Recht, mit Anzahl, falls begrenzt; mehrfach möglich
    .backup = Sicherungen der Lizenz erlauben
    .computers = Wie viele Computer die Lizenz zugleich haben dürfen
    .holder = Nur diesen Inhaber den Link einlösen lassen
    .folder = Ordner des Dienstes, mit seiner Adresse und seinem API-Schlüssel
    .url = Adresse des Dienstes (oder RESTOW_SERVICE_URL; den Schlüssel dann in RESTOW_API_KEY angeben)
help-admin-revoke = Eine Lizenz widerrufen
    .license = Die Lizenz-ID oder ihre ersten Zeichen
    .reason = Grund, wie ihn der Inhaber lesen wird
    .folder = Ordner des Dienstes
    .url = Adresse des Dienstes
help-admin-release = Einen Computer eines Inhabers freigeben
    .holder = Die Inhaber-ID oder ihre ersten Zeichen
    .computer = Name oder ID des Computers, oder die ersten Zeichen der ID
    .waiting = Den Computern des Inhabers 72 Stunden Zeit zum Ablehnen geben
    .folder = Ordner des Dienstes
    .url = Adresse des Dienstes
help-admin-confirm = Einen Computer eines Inhabers bestätigen
    .holder = Die Inhaber-ID oder ihre ersten Zeichen
    .computer = Name oder ID des Computers, oder die ersten Zeichen der ID
    .folder = Ordner des Dienstes
    .url = Adresse des Dienstes
help-admin-withdraw = Die Wiederherstellungsschlüssel eines Computers zurückziehen
    .holder = Die Inhaber-ID oder ihre ersten Zeichen
    .computer = Name oder ID des Computers, oder die ersten Zeichen der ID
    .folder = Ordner des Dienstes
    .url = Adresse des Dienstes
help-admin-limit = Festlegen, wie viele Computer eine Lizenz haben dürfen
    .license = Die Lizenz-ID oder ihre ersten Zeichen
    .limit = Zahl der Computer; eine kleinere Zahl nimmt keinem Computer die Lizenz
    .folder = Ordner des Dienstes
    .url = Adresse des Dienstes
help-admin-list = Lizenzen, Computer, Inhaber, Angebote oder das Protokoll auflisten
    .what = licenses, computers, holders, offers oder audit
    .holder = Nur von diesem Inhaber
    .folder = Ordner des Dienstes
    .url = Adresse des Dienstes
help-admin-content-key = Die Inhaltsschlüssel ausgeben, mit denen Dateien verpackt werden
    .folder = Ordner des Dienstes; der Dienst darf laufen
    .key-id = Schlüssel-ID der Datei, mit oder ohne Lizenz
    .after = Gibt zu jeder Schlüssel-ID den Inhaltsschlüssel in Hexadezimalziffern aus. Jede Lizenz für die Schlüssel-ID enthält diesen Schlüssel. Er öffnet die Datei ohne Lizenz: nur an das Programm geben, das die Datei verschlüsselt. Jeder Aufruf steht im Protokoll: restow admin list audit
help-admin-rotate-key = Dem Dienst neue Signaturschlüssel geben; frühere Signaturen bleiben gültig
    .folder = Ordner des Dienstes; der Dienst darf nicht laufen
    .root = Neuer Ort von root.key
    .revoke = Die bisherigen Schlüssel wurden gestohlen: Alle ihre Signaturen werden ungültig
    .revoke-all = Die bisherigen und alle früheren Schlüssel wurden gestohlen: Alle ihre Signaturen werden ungültig
help-admin-move = Eine neue Adresse des Dienstes veröffentlichen
    .folder = Ordner des Dienstes; der Dienst darf nicht laufen
    .url = Neue öffentliche Adresse
    .root = Neuer Ort von root.key
help-demo = Den ganzen Ablauf mit Beispieldateien zeigen: sichern, einen Computer verlieren, wiederherstellen
    .licenses = Lizenzen, die der Shop verkauft, 10 bis 5000 [40]
    .restricted = Lizenzen, die nicht gesichert werden dürfen, 1 bis 6 weniger als alle [7]
    .computers = Computer, 5 bis 30 [5]
    .keep = Alle Dateien und ein Skript, das die Demo wiederholt, in diesem neuen Ordner behalten

heading-usage = Aufruf:
heading-options-usage = [OPTIONEN]
heading-command = BEFEHL
heading-commands = Befehle
heading-arguments = Argumente
heading-options = Optionen
value-dir = ORDNER
value-dir-file = ORDNER|DATEI
value-lang = SPRACHE
value-path = PFAD
value-location = ORT
value-link-file-keyid = LINK|DATEI|SCHLÜSSELID
value-name = NAME
value-license = LIZENZ
value-issuer = AUSSTELLER
value-file-keyid-license = DATEI|SCHLÜSSELID|LIZENZ
value-right = RECHT
value-right-count = RECHT[=ANZAHL]
value-n = N
value-m = M
value-k = K
value-set = SATZ
value-computer = COMPUTER
value-service = DIENST
value-url = URL
value-addr = ADRESSE
value-address = ADRESSE
value-date = DATUM
value-keyid = SCHLÜSSELID
value-title = TITEL
value-holder = INHABER
value-text = TEXT
value-what = WAS
value-fingerprint = FINGERABDRUCK
value-file = DATEI

## Fehler des Befehls selbst

error-label = restow:
error-usage = Die Argumente passen nicht zusammen.
    .help = Siehe: restow --help
error-usage-command = Den Befehl „{ $name }“ gibt es nicht.
    .help = { $suggestion ->
        [none] Alle Befehle zeigt: { $command } --help
       *[other] Ist „{ $suggestion }“ gemeint? Alle Befehle zeigt: { $command } --help
    }
error-usage-unknown = Das Argument „{ $argument }“ gibt es hier nicht.
    .help = { $suggestion ->
        [none] Alle Argumente zeigt: { $command } --help
       *[other] Ist „{ $suggestion }“ gemeint? Alle Argumente zeigt: { $command } --help
    }
error-usage-missing = Es fehlt: { $argument }
    .help = Alle Argumente zeigt: { $command } --help
error-usage-missing-terms = Es fehlt: { $argument }, oder --key-id für eine einzelne Lizenz
    .help = Alle Argumente zeigt: { $command } --help
error-usage-value = Für { $argument } ist „{ $value }“ nicht möglich ({ $what }).
    .help = Alle Argumente zeigt: { $command } --help
error-usage-no-value = Für { $argument } fehlt ein Wert ({ $what }).
    .help = Alle Argumente zeigt: { $command } --help
error-usage-conflict = { $argument } und { $other } schließen sich aus.
    .help = Alle Argumente zeigt: { $command } --help
error-usage-right = „{ $right }“ kann kein Recht bezeichnen.
    .help = Möglich sind Play, Copy, Print oder ein anderer Name aus Buchstaben, Ziffern und Punkten.
error-usage-use-license = Nutzungen werden für Dateien gezählt, nicht für Lizenzen.
    .help = Die Datei oder ihre Schlüssel-ID angeben.
error-usage-count = „{ $count_given }“ in „{ $right }“ ist keine Zahl.
    .help = Eine ganze Zahl angeben, etwa Play=5, oder nur das Recht.
error-export-into-backup = { $path } enthält eine Sicherung. Der Ordner für die Dateien fehlt.
    .help = Aus der Sicherung: restow export { $path } ORDNER. Von diesem Computer, in einen anderen Ordner: restow export ORDNER
error-needs-yes = { $question }
    .help = Es wurde nichts geändert. Eine Rückfrage ist hier nicht möglich: zum Einwilligen --yes angeben.
error-output = Die Ausgabe kann nicht geschrieben werden: { $why }
    .help = Platz schaffen oder an einen anderen Ort schreiben.
error-unreadable = { $path }: { $why }
    .help = Den Pfad prüfen. Statt einer Datei ist auch eine Schlüssel-ID wie 09e091ab-f838-41d2-9e35-58531fd19ec7 möglich, oder die ID einer Lizenz auf diesem Computer.
error-nothing-imported = Es wurde nichts importiert.
    .help =
        { $count ->
            [0] Lizenzdateien enden meist auf .lcpl, .jws oder .json. Eine solche Datei oder ihren Ordner angeben.
           *[other] Grund und Abhilfe stehen oben bei jeder Datei.
        }
error-export-empty = Es gibt keine Lizenz zum Schreiben.
    .help = Zuerst Lizenzen importieren, oder eine Sicherung mit Lizenzen angeben: restow export ORT ORDNER
error-nothing-scanned = Nichts davon ist lesbar.
    .help = Prüfen, ob die Dateien Ihnen gehören und ob das Laufwerk in Ordnung ist.
error-nothing-acquired = Es wurde keine Lizenz empfangen.
    .help = Dort nachfragen, woher die Dateien stammen: beim Shop oder bei der Bibliothek.
error-no-key-id = In { $path } findet Restow keine Schlüssel-ID.
    .help = Die Schlüssel-ID oder eine andere geschützte Datei angeben. Was Restow in einer Datei findet, zeigt restow file.
error-acquire-lcp = { $path } ist ein mit LCP geschütztes Buch. Die Lizenz hat nur der Shop oder die Bibliothek.
    .help = Das Buch oder seine .lcpl-Datei dort erneut herunterladen, dann: restow import DATEI
error-acquire-what = „{ $source }“ ist weder Link noch Datei noch Schlüssel-ID.
    .help = Einen Link von Shop oder Bibliothek (https://…), geschützte Dateien oder Schlüssel-IDs wie 09e091ab-f838-41d2-9e35-58531fd19ec7 angeben.
error-no-such-provider = { $url } steht nicht auf der Liste der erlaubten Anbieter.
    .help = Die Liste zeigt: restow provider list
error-restore-empty = Die Sicherung in { $path } ist leer. Sie enthält keine Lizenz.
    .help = Auf dem Computer mit den Büchern restow import ORDNER ausführen und neu sichern. Alle Sicherungen an einem Ort zeigt: restow backups ORT
error-restore-none-of = Die Sicherung enthält keine Lizenz { $license }.
    .help = Ihre Lizenzen zeigt: restow show { $location }
error-no-such-license = Die Lizenz { $license } gibt es hier nicht.
    .help = Alle Lizenzen zeigt: restow licenses
error-license-ambiguous = Die ID { $license } passt zu mehreren Lizenzen.
    .help = Mehr Zeichen der ID eingeben, oder --issuer AUSSTELLER, falls der Befehl es kennt. Beides zeigt: restow licenses --json
error-last-copy = { $title } ist in keiner Sicherung. Dies ist vielleicht die letzte Kopie.
    .help = Zuerst sichern (restow backup ORT), oder --yes angeben.
error-last-copy-unseen = Eine Sicherung in { $location } enthielt { $title } am { $at }, ist aber jetzt nicht angeschlossen. Dies ist vielleicht die letzte Kopie.
    .help = Die Sicherung anschließen oder neu sichern (restow backup ORT), oder --yes angeben.
error-no-service = Es ist noch kein Dienst hinzugefügt.
    .help = Den Dienst Ihres Shops oder Ihrer Bibliothek hinzufügen: restow service add URL
error-which-service = Es gibt mehrere Dienste.
    .help = Einen mit Name, Adresse oder Fingerabdruck angeben. Alle zeigt: restow service
error-no-such-service = Den Dienst „{ $name }“ gibt es nicht.
    .help = Alle Dienste zeigt: restow service
error-no-consent-service = { $name } wurde nicht hinzugefügt, weil Ihre Einwilligung fehlt.
    .help = Den Fingerabdruck mit dem von Shop oder Bibliothek vergleichen, dann --yes angeben.
error-no-consent-register = Dieser Computer ist bei { $service } nicht angemeldet.
    .help = Zum Einwilligen in die Anmeldung --register angeben.
error-which-computer = „{ $name }“ passt zu mehreren Computern.
    .help = Mehr Zeichen der ID eingeben. Alle zeigt: restow computer
error-no-such-computer = Den Computer „{ $name }“ gibt es nicht.
    .help = Alle Computer zeigt: restow computer
error-nothing-to-refuse = { $name } ist schon bestätigt, und es wartet keine Freigabe.
    .help = Um ihm seine Lizenzen zu nehmen, den Computer freigeben: restow computer release { $computer }
error-right-twice = Das Recht „{ $right }“ ist zweimal angegeben.
    .help = Jedes Recht nur einmal angeben.
error-terms-number = { $path }: Die Zahl der Lizenzen muss zwischen 1 und { $most } liegen.
    .help = Mehr Lizenzen in mehreren Aufrufen ausstellen.
error-terms = { $path }: { $why }
    .help = Eine Datei mit einer JSON-Liste von Bedingungen angeben, oder - für die Standardeingabe.
error-terms-json = { $path } ist kein JSON (Zeile { $line }, Spalte { $column }).
    .help = Es wurde nichts ausgestellt. Die Datei an dieser Stelle berichtigen.
error-terms-missing = { $path }: „{ $name }“ fehlt im Objekt, das in Zeile { $line }, Spalte { $column } endet.
    .help = Es wurde nichts ausgestellt. Für jede Lizenz „key_ids“ und „rights“ angeben.
error-terms-unknown = { $path }: „{ $name }“ (Zeile { $line }, Spalte { $column }) ist in Bedingungen nicht bekannt.
    .help = Es wurde nichts ausgestellt. Bekannt sind key_ids, title, rights, priority, not_before, expires, unreported und limit; in einem Recht count, from, until und first_use_seconds.
error-terms-shape = { $path }: „{ $name }“ (Zeile { $line }, Spalte { $column }) hat einen Wert vom falschen Typ.
    .help = Es wurde nichts ausgestellt. „key_ids“ ist eine Liste von Texten, „title“ ein Text, „rights“ ein Objekt mit jedem Recht einmal. Alle anderen sind ganze Zahlen, Zeiten in Unix-Sekunden.
error-terms-list = { $path } ist keine Liste von Bedingungen (Zeile { $line }, Spalte { $column }).
    .help = Es wurde nichts ausgestellt. Eine JSON-Liste von Objekten mit key_ids, title und rights angeben.
error-key-id = „{ $key }“ ist keine Schlüssel-ID.
    .help = Eine UUID wie 09e091ab-f838-41d2-9e35-58531fd19ec7 angeben, hex:… oder text:…
error-no-operator = Es ist nicht angegeben, welcher Dienst verwaltet werden soll.
    .help = Auf dem Computer des Dienstes --service ORDNER angeben. Sonst RESTOW_SERVICE_URL und RESTOW_API_KEY setzen. Für einen neuen Dienst: restow admin init
error-no-api-key = Der API-Schlüssel fehlt.
    .help = RESTOW_API_KEY setzen oder --service ORDNER angeben.
error-admin-key = { $url } nimmt diesen API-Schlüssel nicht an ({ $from }).
    .help = Der Schlüssel steht im Ordner des Dienstes in der Datei api.key. --service ORDNER angeben, oder RESTOW_API_KEY auf ihren Inhalt setzen.
error-admin-not-there = Diese Lizenz, diesen Inhaber oder diesen Computer hat der Dienst nicht.
    .help = Die Liste zeigt: restow admin list
error-admin-busy = Der Dienst konnte das jetzt nicht tun.
    .help = Bald erneut versuchen. Den Grund zeigt die Ausgabe des Dienstes.
error-admin-address = { $url } ist nicht möglich: http ist nur für diesen Computer selbst erlaubt.
    .help = https verwenden.
error-admin-unreachable = { $url }: Der Dienst ist nicht erreichbar: { $why }
    .help = Prüfen, ob der Dienst läuft: restow serve ORDNER
error-admin-answer = { $url }: Der Server dort ist kein Lizenzdienst (Status { $status }).
    .help = Die Adresse prüfen.
error-admin-problem = Der Dienst hat die Werte abgelehnt.
    .help = Die Werte berichtigen. Was erlaubt ist, zeigt: restow admin BEFEHL --help
error-admin-none-such = „{ $name }“ gibt es dort nicht.
    .help = Die ID, ihre ersten Zeichen (mindestens 6) oder den Namen eines Computers angeben, wie in: restow admin list
error-admin-several = „{ $name }“ passt zu mehreren Einträgen.
    .help = Mehr Zeichen der ID eingeben. Ganze IDs zeigt: restow admin list --json
error-random = Die Zufallsquelle des Systems ist ausgefallen.
    .help = Noch einmal versuchen.
error-damaged =
    { $count ->
        [one] { $location } ist beschädigt: 1 Fehler gefunden.
       *[other] { $location } ist beschädigt: { $count } Fehler gefunden.
    }
    .help = Die unbeschädigten Lizenzen wiederherstellen (restow restore ORT), danach neu sichern.
error-damaged-known =
    { $count ->
        [one] { $location } ist beschädigt: 1 Fehler gefunden, in einem Teil, den eine spätere Sicherung ersetzt hat.
       *[other] { $location } ist beschädigt: { $count } Fehler gefunden, in Teilen, die eine spätere Sicherung ersetzt hat.
    }
    .help = Es ist nichts zu tun. Restow behält die beschädigten Teile: Sie sind vielleicht die letzte Kopie von Lizenzen, die dieser Computer nicht mehr hatte.
error-older-state = { $location } enthält einen älteren Stand, als dieser Computer dorthin geschrieben hat.
    .help = Alle Dateien dort sind unbeschädigt. Den neuesten Stand wieder schreiben: restow backup ORT
error-demo = Die Demo ist gescheitert: { $what }
    .help = Bitte melden.
error-demo-folder = { $path } gibt es schon.
    .help = Einen neuen Ordner angeben.

## Fehler der Bibliothek und des Dienstes

error-home-no-folder = Dieses System nennt keinen Ordner für Anwendungsdaten.
    .help = Einen Ordner mit --home oder RESTOW_HOME nennen.
error-home-a-file = { $path } ist eine Datei.
    .help = Einen Ordner nennen, mit --home ORDNER oder RESTOW_HOME.
error-home-unusable = { $path }: { $why }
    .help = 
    { $kind ->
        [io-read-only] Einen Ordner auf einem Datenträger nennen, der beschrieben werden kann.
        [io-full] Dort Platz schaffen.
       *[other] Prüfen, ob es das gibt und ob es Ihnen gehört.
    }
error-file-unreadable = { $path }: { $why }
    .help = Den Pfad prüfen, und ob man lesen darf, was dort ist.
error-file-unwritable = { $path }: { $why }
    .help = 
    { $kind ->
        [io-exists] Einen anderen Ordner nennen; nichts, was da ist, wird überschrieben.
        [io-full] Dort Platz schaffen.
       *[other] Den Pfad prüfen, und ob man dort schreiben darf.
    }
error-put-other-license = { $path }: Darin liegt eine andere Lizenz, die nicht unter Ihren ist.
    .help = Um sie zu behalten, erst importieren: restow import DATEI
error-put-has-license = { $path }: Darin liegt eine andere Ihrer Lizenzen.
    .help = Sie darin lassen, oder sagen, dass sie weichen soll: --yes
error-put-broken-inside = { $path }: Die Lizenz darin ist nicht zu lesen.
    .help = Sagen, dass Ihre an ihre Stelle soll: --yes
error-put-not-protected = { $path }: Das ist nicht durch LCP geschützt und öffnet sich, wie es ist.
    .help = Es braucht keine Lizenz.
error-put-better-there = { $path }: Dort ist ein besseres Dokument dieser Lizenz: neuer, oder mit einer Signatur, die mehr gilt.
    .help = Es importieren: restow import DATEI
error-put-disputed = { $path }: Dort liegt ein anderes Dokument einer Lizenz, die hier ist, und nichts sagt, dass das hier besser ist.
    .help = Es importieren: restow import DATEI, oder sagen, dass es weichen soll: --yes
error-put-read-only = { $path }: Die Datei ist als unveränderlich gekennzeichnet.
    .help = Änderungen daran erlauben und noch einmal versuchen.
error-put-changed = { $path }: Ein anderes Programm hat die Datei inzwischen geändert.
    .help = Das Programm schließen, das sie offen hat, und noch einmal versuchen.
error-put-not-as-written = { $path }: Was geschrieben wurde, ließ sich nicht so lesen, wie es sein soll.
    .help = Den Datenträger prüfen; die Datei ist, wie sie war.
error-put-not-a-folder = { $path }: Das ist eine Datei.
    .help = Einen Ordner nennen, oder --license LIZENZ hinzufügen.
error-put-not-usable = Diese Lizenz ist nicht mehr zu gebrauchen, oder nicht hier.
    .help = Was hier ist, zeigt restow licenses
error-put-other-kind = Nur LCP-Lizenzen werden in Publikationen gelegt.
    .help = Andere Arten brauchen keine Datei neben dem, wofür sie sind.
error-put-read = { $path }: Die Publikation ist nicht lesbar: { $why }
    .help = Sie noch einmal von dort holen, wo sie her ist; nichts wurde geändert.
error-put-write = { $path }: Die Publikation ist nicht beschreibbar: { $why }
    .help = Prüfen, ob man dort schreiben darf und ob Platz ist.
error-put-no-place = { $path }: Die Datei ist keine Publikation, die eine Lizenz enthalten kann.
    .help = Ein EPUB nennen, oder ein anderes Paket mit einem Platz dafür.
error-put-refused = { $path }: Die Publikation ist beschädigt: { $why }
    .help = Sie noch einmal von dort holen, wo sie her ist; nichts wurde geändert.
error-put-no-room = { $path }: Die Publikation hat keinen Platz für einen weiteren Eintrag.
    .help = Die Lizenz daneben aufbewahren.
error-home-key-damaged = { $path }: Die Schlüsseldatei ist beschädigt.
    .help = Den Ordner beiseite legen und die Lizenzen aus einer Sicherung wiederherstellen: restow restore ORT.
error-home-root-damaged = { $path }: Das Zertifikat ist beschädigt.
    .help = Die Datei wegnehmen und das Zertifikat noch einmal hinzufügen: restow roots add DATEI.
error-home-settings = { $path } ist nicht zu verstehen: { $text }
    .help = Darin darf {"{"}"passphrase_file": "PFAD"{"}"} stehen; sonst die Datei entfernen.
error-other-machine = { $path }: Diese Lizenzen gehören zu einem anderen Gerät.
    .help = Den Ordner nicht kopieren, sondern dort sichern (restow backup) und hier wiederherstellen (restow restore).
error-ended-other-machine = Dieser Ordner gehört zu einem anderen Gerät.
    .help = Statt dessen in einen Ordner dieses Geräts wiederherstellen: --home ORDNER.
error-no-randomness = Die Zufallsquelle des Systems versagt.
    .help = Noch einmal versuchen; bleibt es dabei, braucht das System Pflege.
error-store-newer = { $path }: Der Lizenzspeicher wurde von einem neueren Restow geschrieben (Version { $found }; bekannt bis { $known }).
    .help = Das neuere Restow verwenden.
error-store-not-a-store = { $path } ist kein Lizenzspeicher.
    .help = Einen anderen Ordner mit --home nennen.
error-store-unusable = { $path }: { $why }
    .help = 
    { $kind ->
        [io-read-only] Einen Ordner auf einem Datenträger nennen, der beschrieben werden kann.
        [io-full] Dort Platz schaffen.
       *[other] Prüfen, ob es das gibt und ob es Ihnen gehört.
    }
error-store-damaged = Der Lizenzspeicher ist beschädigt ({ $text }).
    .help = store.db beiseite legen und die Lizenzen aus einer Sicherung wiederherstellen: restow restore ORT.
error-store-busy = Ein anderes Programm verwendet den Lizenzspeicher.
    .help = Warten, bis es fertig ist, dann noch einmal versuchen.
error-store-cannot-write = Der Lizenzspeicher kann nicht geschrieben werden ({ $text }).
    .help = Platz schaffen, oder prüfen, wer dort schreiben darf.
error-store-failed = Der Lizenzspeicher versagte ({ $text }).
    .help = Noch einmal versuchen; bleibt es dabei, bitte melden.
error-license-too-large = Das Dokument ist zu groß für eine Lizenz.
    .help = Das Lizenzdokument selbst nennen, etwa eine .lcpl-Datei.
error-license-unknown-kind = Das ist kein Lizenzdokument einer bekannten Art.
    .help = Das Lizenzdokument selbst nennen, etwa eine .lcpl-Datei.
error-license-malformed = Die Lizenz ({ $kind }) ist fehlerhaft: { $why }
    .help = Die Lizenz noch einmal von dort holen, wo sie herkam.
error-license-not-accepted = Die Lizenz wurde nicht angenommen: { $why }
    .help = Die Lizenz noch einmal von dort holen, wo sie herkam.
error-license-unknown-issuer = Den Dienst des Ausstellers { $issuer } hat niemand hinzugefügt.
    .help = Zuerst: restow service add URL.
error-license-key-in-clear = Das Dokument enthält Inhaltsschlüssel im Klartext und wird nie gespeichert.
    .help = Die Datei lassen, wo sie ist; Restow merkt sich nur ihre Schlüssel-IDs.
error-license-better-here = Hier ist ein anderes Dokument dieser Lizenz, dessen Signatur mehr wert ist.
    .help = Ist nur ihre Wurzel hier noch nicht bekannt und trauen Sie ihrem Anbieter: restow roots add ZERTIFIKAT, dann noch einmal importieren. Soll es auf jeden Fall dieses sein, das vorhandene vergessen: restow forget LIZENZ.
error-license-none-in-archive = In diesem Archiv ist keine Lizenz, auch nicht in dem, was darin liegt.
    .help = Die Lizenzdokumente, Bücher oder Archive importieren, in denen die Lizenzen kamen.
error-license-none-inside = Darin ist keine Lizenz; sie kann getrennt geliefert worden sein, als .lcpl-Datei.
    .help = Kam mit der Publikation eine .lcpl-Datei, diese importieren.
error-license-package = Darin lässt sich nicht lesen: { $why }
    .help = Noch einmal von dort holen, wo es herkam.
error-license-unpack-first = Es muss erst ausgepackt werden: { $why }
    .help = Auspacken, und den Ordner importieren, in dem dann alles liegt.
error-license-status-document = Das ist keine Lizenz, sondern ein Statusdokument, das sagt, wie es um eine steht.
    .help = Die Lizenz selbst importieren; wie es um sie steht, fragt Restow beim Anbieter: restow refresh
error-license-other-archive = Archive dieser Art werden nicht gelesen: Es muss erst ausgepackt werden.
    .help = Auspacken, und den Ordner importieren, in dem dann alles liegt.
error-root-no-certificate = Das ist kein Zertifikat in PEM oder DER.
    .help = Eine Datei mit einem Zertifikat nennen, etwa dem, das die Lizenzstelle veröffentlicht.
error-root-not-an-authority = Das Zertifikat „{ $name }“ gehört keiner Zertifizierungsstelle: Es darf keine Anbieter zertifizieren.
    .help = Nach dem Zertifikat der Stelle fragen, die diesen Anbieter zertifiziert hat.
error-root-unreliable = Auf das Zertifikat „{ $name }“ ist kein Verlass: { $why }
    .help = Die Lizenzstelle nach ihrem jetzigen Zertifikat fragen.
error-root-distrusted = Dem Zertifikat „{ $name }“ wird hier misstraut.
    .help = Es zuerst von der Liste nehmen: restow roots remove FINGERABDRUCK.
error-root-too-many = Es sind schon 100 Zertifikate.
    .help = Entfernen, was nicht mehr gebraucht wird: restow roots remove FINGERABDRUCK.
error-root-no-such = Es gibt nicht genau ein Zertifikat, dessen Fingerabdruck mit { $fingerprint } beginnt; mindestens 8 Ziffern sind nötig.
    .help = Alle zeigt: restow roots
error-service-address = { $url } kann keine Adresse eines Dienstes sein: { $why }
    .help = Die Adresse angeben, die Laden oder Bibliothek genannt haben; sie beginnt mit https://.
error-service-private-address = { $url }: Diese Adresse gehört nicht zum öffentlichen Netz, und niemand hat sie von Hand hinzugefügt.
    .help = Wenn sie stimmt, selbst hinzufügen: restow service add { $url }
error-service-unreachable = { $url }: Der Dienst ist nicht erreichbar ({ $why }).
    .help = Das Netz prüfen und später noch einmal versuchen; es geht nichts verloren.
error-ended-service-unreachable = Der Dienst ist nicht erreichbar.
    .help = Später noch einmal versuchen; es geht nichts verloren.
error-service-bad-answer = { $url }: Der Dienst gab eine unbrauchbare Antwort.
    .help = Später noch einmal versuchen; bleibt es dabei, den Betreiber fragen.
error-service-statement-refused = Eine Aussage des Dienstes wurde zurückgewiesen: { $why }
    .help = Später noch einmal versuchen; bleibt es dabei, den Betreiber fragen.
error-service-problem = { $service } hat es nicht getan: { $text }
    .help = Den Betreiber des Dienstes fragen.
error-provider-address = { $url }: Diese Adresse kann keine Bibliothek und kein Laden haben: { $why }.
    .help = Die Adresse der Bibliothek oder des Ladens angeben; sie beginnt mit https://.
error-provider-not-allowed = { $origin }: Den Kontakt mit dieser Bibliothek oder diesem Laden hat niemand erlaubt.
    .help = Wer dort vertraut, erlaubt ihn: restow provider allow { $origin }
error-provider-private-address = { $url }: Diese Adresse gehört nicht zum öffentlichen Netz, und niemand hat sie von Hand erlaubt.
    .help = Wenn sie stimmt, selbst erlauben: restow provider allow { $url }
error-provider-unreachable = { $url }: Bibliothek oder Laden sind nicht erreichbar ({ $why }).
    .help = Später noch einmal versuchen: restow refresh. Es geht nichts verloren.
error-provider-busy = { $origin }: Bibliothek oder Laden sind überlastet.
    .help = Später noch einmal versuchen: restow refresh. Es geht nichts verloren.
error-provider-given-up = { $origin } hat vorhin nicht geantwortet und wird vorerst nicht mehr gefragt.
    .help = Später noch einmal versuchen: restow refresh. Es geht nichts verloren.
error-provider-bad-answer = { $url }: Bibliothek oder Laden gaben eine unbrauchbare Antwort.
    .help = Später noch einmal versuchen; bleibt es dabei, dort nachfragen. Die Lizenz hier bleibt, wie sie ist.
error-provider-no-status = { $url }: Was Bibliothek oder Laden gaben, ist kein Statusdokument: { $why }.
    .help = Später noch einmal versuchen; bleibt es dabei, dort nachfragen. Die Lizenz hier bleibt, wie sie ist.
error-provider-other-license = { $url }: Was Bibliothek oder Laden gaben, gehört zu einer anderen Lizenz.
    .help = Dort nachfragen. Die Lizenz hier bleibt, wie sie ist.
error-provider-template = { $url }: Dieser Link der Bibliothek oder des Ladens lässt sich nicht ausfüllen: { $why }.
    .help = Dort nachfragen. Die Lizenz hier bleibt, wie sie ist.
error-provider-registration = { $origin } konnte diesen Computer nicht anmelden. { $said }
    .help = Die Lizenz gilt trotzdem; der nächste Kontakt versucht es wieder.
error-provider-renew = { $origin } hat die Lizenz nicht verlängert. { $said }
    .help = Dort nachfragen. Die Lizenz hier bleibt, wie sie ist.
error-provider-renew-date = { $origin } verlängert die Lizenz nicht bis zu diesem Tag. { $said }
    .help = Mit --until einen früheren Tag nennen, oder keinen.
error-provider-return = { $origin } hat die Lizenz nicht zurückgenommen. { $said }
    .help = Dort nachfragen oder es später noch einmal versuchen.
error-provider-return-already = { $origin }: Die Lizenz wurde schon zurückgegeben. { $said }
    .help = Es bleibt nichts zu tun: restow refresh zeigt, wie es um sie steht.
error-provider-return-expired = { $origin }: Die Lizenz ist abgelaufen. { $said }
    .help = Es bleibt nichts zu tun: restow refresh zeigt, wie es um sie steht.
error-provider-server = { $origin }: Dort ist ein Fehler aufgetreten. { $said }
    .help = Später noch einmal versuchen. Die Lizenz hier bleibt, wie sie ist.
error-provider-problem = { $origin } antwortete mit einem Fehler. { $said }
    .help = Dort nachfragen. Die Lizenz hier bleibt, wie sie ist.
error-provider-no-status-link = Die Lizenz { $license } nennt keinen Ort, der sagt, wie es um sie steht.
    .help = Bei der Bibliothek oder dem Laden selbst nachfragen.
error-provider-not-signed = Lizenz { $license }: Ihre Signatur ist ungültig, also wird niemand nach ihr gefragt.
    .help = Die Lizenz bei der Bibliothek oder dem Laden neu holen; restow licenses --check sagt, was falsch ist.
error-provider-not-taken = { $url }: Das neue Dokument der Lizenz wird nicht übernommen: { $why }.
    .help = Das hiesige bleibt. Bleibt es dabei, bei der Bibliothek oder dem Laden nachfragen.
error-provider-out-of-time = Lizenz { $license }: Es blieb keine Zeit, nach ihr zu fragen.
    .help = Später fragen: restow refresh
error-provider-renew-past = { $time } ist vorbei.
    .help = Mit --until einen späteren Tag nennen, oder keinen.
error-provider-no-renew = Lizenz { $license }: Ihre Bibliothek oder ihr Laden bietet keine Verlängerung an.
    .help = Dort selbst nachfragen.
error-provider-no-return = Lizenz { $license }: Ihre Bibliothek oder ihr Laden nimmt sie nicht vor der Zeit zurück.
    .help = Dort selbst nachfragen.
error-provider-renew-page = Die Lizenz { $license } wird auf einer Seite ihrer Bibliothek oder ihres Ladens verlängert: { $url }
    .help = Die Seite öffnen und danach fragen, wie es um die Lizenz steht: restow refresh
error-provider-not-done = Lizenz { $license }: Ihre Bibliothek oder ihr Laden hat geantwortet, aber nichts getan.
    .help = Nachsehen, wie es um sie steht: restow refresh
error-provider-ended = { $standing ->
    [expired] Die Lizenz { $license } ist abgelaufen.
    [returned] Die Lizenz { $license } wurde zurückgegeben.
    [cancelled] Die Lizenz { $license } wurde storniert.
   *[revoked] Die Lizenz { $license } wurde widerrufen.
    }
    .help = Bei der Bibliothek oder dem Laden neu ausleihen oder kaufen.
error-service-not-added = Den Dienst des Ausstellers { $issuer } hat niemand hinzugefügt.
    .help = Zuerst: restow service add URL.
error-not-registered = Dieser Computer ist bei { $service } nicht angemeldet.
    .help = Anmelden: restow computer register.
error-service-other-issuer = { $url }: Das ist der Dienst von { $found }, nicht von { $expected }.
    .help = Nicht weitermachen; Laden oder Bibliothek nach der richtigen Adresse und dem Fingerabdruck fragen.
error-malformed = { $service } sagt: Die Anfrage ist fehlerhaft.
    .help = Den Betreiber des Dienstes fragen.
error-bad-signature = { $service } sagt: Eine Signatur passt nicht.
    .help = Den Betreiber des Dienstes fragen.
error-unknown-computer = { $service } sagt: Dieser Computer ist dort nicht mehr angemeldet.
    .help = Aus einer Sicherung wiederherstellen und dabei neu anmelden: restow restore ORT --register.
error-clock = { $service } sagt: Die Uhr dieses Computers geht falsch.
    .help = Die Uhr stellen, dann noch einmal versuchen.
error-wrong-issuer = { $service } sagt: Die Anfrage gilt einem anderen Dienst.
    .help = Den Betreiber des Dienstes fragen.
error-key-reused = { $service } sagt: Die Anfrage kam schon einmal mit anderem Inhalt.
    .help = Den Betreiber des Dienstes fragen.
error-not-allowed = { $service } sagt: Das darf nur ein bestätigter Computer.
    .help = Diesen Computer von einem anderen aus bestätigen: restow computer confirm ID.
error-restore-key-withdrawn = { $service } sagt: Der Wiederherstellungsschlüssel wurde zurückgezogen.
    .help = Auf einem Computer, der die Lizenzen hat, neu sichern und daraus wiederherstellen.
error-too-many-computers = { $service } sagt: Es sind zu viele Computer angemeldet.
    .help = Einen davon freigeben oder bestätigen: restow computer.
error-not-yours = { $service } sagt: So etwas gibt es für Sie nicht.
    .help = Den Betreiber des Dienstes fragen.
error-link-used = { $service } sagt: Der Link wurde von jemand anderem eingelöst.
    .help = Den Betreiber des Dienstes fragen.
error-release-limit = { $service } sagt: In diesem Jahr gibt es keine Freigaben mehr.
    .help = Den Betreiber des Dienstes fragen.
error-too-large = { $service } sagt: Die Anfrage ist zu groß.
    .help = Den Betreiber des Dienstes fragen.
error-internal = { $service } sagt: Er hat versagt.
    .help = Später noch einmal versuchen; es geht nichts verloren.
error-service-busy = { $service } ist beschäftigt.
    .help = Später noch einmal versuchen; es geht nichts verloren.
error-no-license =
    { $subject ->
        [title] Von keiner Lizenz hier ist bekannt, dass sie für „{ $name }“ ist.
       *[key] Für die Schlüssel-ID { $name } ist hier keine Lizenz.
    }
    .help =
        { $subject ->
            [title] Ist seine Lizenz da: restow put-back ORDNER findet heraus, zu welchem Buch sie gehört. Sonst sie von dort holen, wo die Datei her ist, oder wiederherstellen: restow restore ORT.
           *[key] Die Lizenz von dort holen, wo die Datei her ist, oder wiederherstellen: restow restore ORT.
        }
error-not-granted =
    { $subject ->
        [title] Keine Lizenz für „{ $name }“ erlaubt { $right }.
       *[key] Keine Lizenz für die Schlüssel-ID { $name } erlaubt { $right }.
    }
    .help = Den Laden oder die Bibliothek fragen, woher die Datei ist.
error-used-up =
    { $subject ->
        [title] { $right } ist für „{ $name }“ aufgebraucht.
       *[key] { $right } ist für die Schlüssel-ID { $name } aufgebraucht.
    }
    .help = Den Laden oder die Bibliothek fragen, woher die Datei ist.
error-not-yet-valid =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ gilt erst ab { $time }.
       *[key] Die Lizenz für die Schlüssel-ID { $name } gilt erst ab { $time }.
    }
    .help = Warten; stimmt das Datum hier nicht, die Uhr stellen.
error-expired =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ ist seit { $time } abgelaufen.
       *[key] Die Lizenz für die Schlüssel-ID { $name } ist seit { $time } abgelaufen.
    }
    .help = Den Laden oder die Bibliothek fragen, woher die Datei ist.
error-revoked =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ wurde widerrufen: { $reason }
       *[key] Die Lizenz für die Schlüssel-ID { $name } wurde widerrufen: { $reason }
    }
    .help = Den Laden oder die Bibliothek fragen, woher die Datei ist.
error-not-here =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ wurde diesem Computer nicht erteilt.
       *[key] Die Lizenz für die Schlüssel-ID { $name } wurde diesem Computer nicht erteilt.
    }
    .help = Wiederherstellen: restow restore ORT.
error-license-ended =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ gilt nicht mehr: { $outcome ->
            [returned] Sie wurde zurückgegeben.
            [revoked] Ihr Anbieter hat sie widerrufen.
            [cancelled] Ihr Anbieter hat sie storniert.
           *[other] Ihre Zeit ist um, sagt ihr Anbieter.
        }
       *[key] Die Lizenz für die Schlüssel-ID { $name } gilt nicht mehr: { $outcome }.
    }
    .help = Den Laden oder die Bibliothek fragen, woher die Datei kommt.
error-not-imported =
    { $subject ->
        [title] Die Lizenz in „{ $name }“ wurde nicht importiert.
       *[key] Die Lizenz für die Schlüssel-ID { $name } wurde nicht importiert.
    }
    .help = Importieren: restow import { $path }
error-license-inside-broken =
    { $subject ->
        [title] Die Lizenz in „{ $name }“ ist nicht lesbar.
       *[key] Die Lizenz für Schlüssel-ID { $name } ist nicht lesbar.
    }
    .help = Das Werk oder seine Lizenz noch einmal von dort holen, wo sie herkamen.
error-license-not-valid =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ ist ungültig, und Leseprogramme weisen sie ab: { $why }
       *[key] Die Lizenz für Schlüssel-ID { $name } ist ungültig: { $why }
    }
    .help = Die Lizenz noch einmal von dort holen, wo sie herkam.
error-report-first =
    { $count ->
        [one] Eine Nutzung der Schlüssel-ID { $name } ist noch nicht gemeldet, und mehr erlaubt die Lizenz nicht.
       *[other] { $count } Nutzungen der Schlüssel-ID { $name } sind noch nicht gemeldet, und mehr erlaubt die Lizenz nicht.
    }
    .help = Mit dem Netz verbinden und noch einmal versuchen.
error-busy = Eine andere Sicherung, Wiederherstellung oder Abfrage läuft.
    .help = Warten, bis sie fertig ist, oder sie abbrechen.
error-no-path = Es fehlt { $name }.
    .help = Zuerst den Pfad setzen.
error-no-callback = Es fehlt ein Callback.
    .help = Einen Callback angeben.
error-unknown-property = Die Eigenschaft { $name } gibt es nicht.
    .help = BackupPath oder RestorePath verwenden.
error-backup-exists = Eine Sicherung dieses Computers ist schon an diesem Ort.
    .help = Das Überschreiben erlauben: Eine Generation kommt dazu, die alten bleiben.
error-cancelled = Abgebrochen.
    .help = Jederzeit neu beginnen.
error-no-such-set = So einen Satz, so eine Generation oder Lizenz gibt es an diesem Ort nicht, oder mehrere könnten gemeint sein.
    .help = Was da ist, zeigt: restow backups ORT; einen einzelnen Satz nennt --set.
error-no-passphrase-file = { $path } ist verschlüsselt, und keine Datei mit dem Kennwort ist genannt.
    .help = Die Datei in RESTOW_PASSPHRASE_FILE nennen oder als passphrase_file in settings.json der Heimat.
error-passphrase-file-unreadable = { $path } ist verschlüsselt, und { $file } mit dem Kennwort ist nicht lesbar: { $why }
    .help = Die Datei in RESTOW_PASSPHRASE_FILE nennen oder als passphrase_file in settings.json der Heimat.
error-no-thread = Das System gab keinen Thread her ({ $text }).
    .help = Andere Programme schließen und noch einmal versuchen.
error-defect = Restow hat einen Fehler; verloren ist nichts.
    .help = Bitte melden.
error-backup-location-missing = { $path } gibt es nicht.
    .help = Das Laufwerk anschließen oder einen Ordner nennen, den es gibt.
error-backup-not-a-folder = { $path } ist kein Ordner.
    .help = Einen Ordner nennen, etwa den obersten eines Laufwerks.
error-backup-none-here = In { $path } ist keine Sicherung.
    .help = Den Ordner nennen, in dem „Restow“ liegt.
error-backup-read-only = { $path } ist schreibgeschützt.
    .help = Den Schreibschutz aufheben oder einen anderen Ort wählen.
error-backup-access-denied = Der Zugriff auf { $path } ist verboten.
    .help = Die Rechte prüfen oder einen anderen Ort wählen.
error-backup-disk-full = Für { $path } ist kein Platz mehr.
    .help = Platz schaffen oder einen anderen Ort wählen; die älteren Sicherungen sind unversehrt.
error-backup-read-failed = { $path } ist nicht lesbar: { $why }
    .help = Laufwerk und Verbindung prüfen, dann noch einmal versuchen.
error-backup-write-failed = { $path } kann nicht geschrieben werden: { $why }
    .help = Laufwerk und Verbindung prüfen, dann noch einmal versuchen. Die vorhandenen Sicherungen sind unversehrt.
error-backup-newer-format = { $path } wurde von einem neueren Restow geschrieben.
    .help = Das neuere Restow verwenden.
error-backup-damaged = Keine Sicherung in { $path } ist ganz lesbar.
    .help = Aus einer anderen Kopie der Sicherung oder einer älteren Generation wiederherstellen; siehe restow backups ORT und restow verify ORT.
error-backup-no-such-set = Den Satz { $set } gibt es an diesem Ort nicht.
    .help = Was da ist, zeigt: restow backups ORT.
error-backup-no-such-generation = Der Satz { $set } hat keine lesbare Generation { $number }.
    .help = Was da ist, zeigt: restow backups ORT.
error-backup-too-much = In { $path } ist mehr, als eine Sicherung haben darf.
    .help = So hat Restow das nicht geschrieben; eine andere Kopie der Sicherung verwenden.
error-backup-forget-damaged = Ein Teil des Satzes ist nicht lesbar; solange kann nichts herausgenommen werden.
    .help = Mit restow verify ansehen; neu sichern bessert aus, was dieser Computer noch hat.
error-backup-record-refused = Eine Lizenz passt nicht in eine Sicherung: { $why }
    .help = Die anderen lassen sich ohne sie sichern.
error-backup-writer-stopped = Das Schreiben der Sicherung brach ohne Grund ab.
    .help = Bitte melden. Die vorhandenen Sicherungen sind unversehrt.
error-newer-generation-damaged = Der neueste Stand der Sicherung ist nicht lesbar; dies kommt aus einem älteren.
    .help = Auch aus einer anderen Sicherung wiederherstellen, wenn es eine gibt.
error-ended-backup-newer-format = Den neuesten Stand der Sicherung hat ein neueres Restow geschrieben; dies kommt aus einem älteren.
    .help = Restow auf diesem Computer aktualisieren und noch einmal wiederherstellen.
error-ended-private-address = Der Dienst hat eine Adresse, die nicht zum öffentlichen Netz gehört und die niemand von Hand hinzugefügt hat.
    .help = Den Dienst selbst hinzufügen, mit der Adresse von Laden oder Bibliothek: restow service add URL
error-restored-in-part = Ein Teil der Lizenzen ist hier, ein Teil nicht.
    .help = Der Grund steht bei jeder; für ausstehende später noch einmal wiederherstellen.
error-restored-but-refused = Die anderen Lizenzen sind da; diese hat beendet, wer sie ausgestellt oder verliehen hat.
    .help = Der Grund steht bei jeder; sie bleiben, wie sie sind, und öffnen nichts mehr.
error-restore-refused = Die Lizenzen dürfen hier nicht wiederhergestellt werden.
    .help = Der Grund steht bei jeder. Ist es die Höchstzahl der Computer, hilft die Seite oder der Betreiber des Dienstes.
error-restore-expired = Die Lizenzen sind abgelaufen.
    .help = Den Laden oder die Bibliothek fragen.
error-restore-revoked = Die Lizenzen können nicht mehr verwendet werden.
    .help = Den Laden oder die Bibliothek fragen, warum.
error-needs-individualization = Dieser Computer muss erst angemeldet werden.
    .help = In die Anmeldung einwilligen: restow restore ORT --register.
error-service-already-initialized = In { $path } ist schon ein Dienst.
    .help = Einen anderen Ordner wählen; Schlüssel werden nie überschrieben.
error-service-not-initialized = In { $path } ist kein Dienst.
    .help = Erst einen einrichten: restow admin init.
error-service-file = { $path }: { $why }
    .help = 
    { $kind ->
        [io-read-only] Einen Ordner auf einem Datenträger nennen, der beschrieben werden kann.
        [io-full] Dort Platz schaffen.
       *[other] Prüfen, ob es das gibt und ob es Ihnen gehört.
    }
error-service-file-malformed = { $path } ist fehlerhaft.
    .help = Sie aus einer Sicherung des Ordners zurückholen.
error-service-setting =
    { $name ->
        [url] Das kann nicht die Adresse eines Dienstes sein.
        [contact] Der Kontakt muss 1 bis 500 druckbare Zeichen haben.
        [privacy_url] Die Adresse der Seite zum Datenschutz muss eine Webadresse sein.
        [root] Das ist der Wurzelschlüssel eines anderen Dienstes.
       *[other] Die Einstellung { $name } kann so nicht sein.
    }
    .help =
    { $name ->
        [url] https://, ein Rechner und vielleicht ein Port, ohne Pfad; http:// nur für diesen Computer selbst (localhost, 127.0.0.1, [::1]).
        [root] Den root.key nennen, den restow admin init für eben diesen Dienst angelegt hat: --root DATEI
       *[other] Den Wert berichtigen.
    }
error-service-database = Die Datenbank { $path } lässt sich nicht öffnen.
    .help = Den Datenträger prüfen oder die Datenbank aus einer Sicherung zurückholen.
error-service-database-too-new = Die Datenbank { $path } wurde von einem neueren Programm geschrieben.
    .help = Das neuere Programm verwenden.
error-service-in-use = { $path } wird schon benutzt{ $process ->
        [none] .
       *[other] {" "}(Prozess { $process }).
    }
    .help = Ist es ein Server, ihn erst beenden oder ihn benutzen: Ein Ordner hat einen. Sonst noch einmal versuchen, wenn es fertig ist.
error-service-unfinished = In { $path } wurde ein Dienst nicht fertig eingerichtet, oder seine service.json ging verloren.
    .help = Lief hier ein Dienst, service.json aus einer Sicherung des Ordners zurückholen. Sonst den Ordner leeren und den Dienst neu einrichten: restow admin init.
error-service-no-root = { $path }: Der Wurzelschlüssel ist nicht da.
    .help = Sagen, wo er aufbewahrt wird: --root DATEI.
error-service-keys-full = Das Schlüsselverzeichnis des Dienstes ist voll von ersetzten Schlüsseln.
    .help = Mit --revoke-all Platz schaffen: Was frühere Schlüssel signierten, gilt dann nur noch mit einer Gewährung des Dienstes.
error-terms-key-ids = { $place }: „key_ids“ muss 1 bis 64 Einträge haben.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-key-id = { $place }: „{ $what }“ ist keine Schlüssel-ID.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-key-id-twice = { $place }: Die Schlüssel-ID { $what } ist zweimal genannt.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-title = { $place }: „title“ muss 1 bis 1.000 druckbare Zeichen haben oder fehlen.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-rights = { $place }: „rights“ hat mehr als 64 Einträge.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-unknown-right = { $place }: „{ $what }“ ist kein Recht.
    .help = Es gibt Play, Copy, PlaylistBurn, CreateThumbnailImage, CollaborativePlay, Backup, Print.redbook, Transfer.SDMI und Transfer.NONSDMI. Es wurde nichts ausgestellt.
error-terms-no-right = { $place }: Außer Backup muss etwas erlaubt sein, zum Beispiel Play.
    .help = Ein Recht hinzufügen; es wurde nichts ausgestellt.
error-terms-backup-limits = { $place }: Das Recht Backup hat keine Grenzen.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-range = { $place }: „{ $member }“ muss { $least } bis { $most } sein oder fehlen.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-past = { $place }: „{ $what }“ liegt in der Vergangenheit.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-terms-order = { $place }: „{ $first }“ muss früher sein als „{ $second }“.
    .help = Das berichtigen; es wurde nichts ausgestellt.
error-service-listen = Der Dienst kann an { $address } nicht lauschen: { $why }
    .help = Eine andere Adresse wählen (--listen ADRESSE) oder das Programm beenden, das dort lauscht.
error-service-system = Das System verweigert, was ein Dienst braucht: { $why }
    .help = Speicher schaffen oder die Grenzen dieses Benutzers erhöhen, dann noch einmal versuchen.

## Was geschieht, ohne einen Befehl anzuhalten, und warum etwas scheitert

note-damage = Satz { $set }, Generation { $generation }: { $why }.
note-generation-newer = Satz { $set }, Generation { $generation }: von einem neueren Restow geschrieben; gelesen wird eine ältere, und was in der neueren steht, weiß niemand
note-generation-unread = Satz { $set }, Generation { $generation }: nicht lesbar; gelesen wird eine ältere, und was in der neueren steht, weiß niemand
note-older-state = Satz { $set }: Generation { $found } ist die neueste dort, und dieser Computer hat hierhin Generation { $wrote } geschrieben: Eine ältere Kopie wurde zurückgelegt, Dateien wurden gelöscht, oder es ist ein anderes Laufwerk.
note-set-gone = Satz { $set }: Davon ist nichts mehr da, und dieser Computer hat hierhin Generation { $wrote } geschrieben: Dateien wurden gelöscht, oder es ist ein anderes Laufwerk.
note-not-registered-any-more = { $service }: Dieser Computer ist dort nicht mehr angemeldet, soweit man hier weiß; wurden seine Wiederherstellungsschlüssel seither zurückgezogen, kommt mit dieser Sicherung allein niemand mehr hinein. Neu anmelden: restow computer register
note-generation-damaged = weder das Verzeichnis noch seine Kopie ist zu gebrauchen
note-manifest-missing = das Verzeichnis fehlt; seine Kopie springt ein
note-manifest-damaged = das Verzeichnis ist beschädigt; seine Kopie springt ein
note-copy-missing = das Verzeichnis hat keine Kopie
note-copy-damaged = die Kopie des Verzeichnisses ist beschädigt
note-pack-missing = ein Paket fehlt
note-pack-length = ein Paket ist zu kurz oder zu lang
note-pack-unreadable = ein Paket ist nicht lesbar
note-frame-cut-off = ein Block ist abgeschnitten
note-frame-changed = ein Block wurde verändert
note-frame-malformed = ein Block ist fehlerhaft
note-record-malformed = ein Eintrag ist fehlerhaft
note-count-wrong = ein Paket hat nicht so viele Lizenzen, wie es sollte
note-record-cut-off = der Eintrag ist abgeschnitten
note-record-left-over = der Eintrag hat überzählige Bytes
note-record-not-utf8 = der Eintrag hat Text, der kein UTF-8 ist
note-record-key-id = der Eintrag hat eine fehlerhafte Schlüssel-ID
note-record-range = der Eintrag hat eine Zahl außerhalb ihres Bereichs
note-record-too-much = es ist größer, als eine Sicherung fassen kann
note-not-accepted = Die Lizenz { $license } wurde nicht genommen: { $why }
note-needs-adopt = Einige Lizenzen gehören einem anderen Inhaber. --adopt lässt diesen Computer auch diesem Inhaber beitreten und sie übernehmen; es ist nötig, weil er dort schon einen eigenen Inhaber hat, wie nach restow computer register, und ein Ordner, der nie angemeldet war (--home ORDNER), würde einen einzelnen Inhaber auch ohne übernehmen.
note-kind-unknown = eine Lizenz der Art { $number }, die dieses Restow nicht kennt
note-record-not-of-document = der Eintrag passt nicht zum Dokument darin
note-not-certified-unknown = nicht beglaubigt: ihr Aussteller ist nicht bekannt
note-not-certified = nicht beglaubigt: { $why }
note-left-out-facts = Was von der Lizenz { $license } außer ihr selbst bekannt ist, wurde weggelassen: { $why }
note-left-out-missing = Der Eintrag der Lizenz { $license } im Verzeichnis des Fehlenden wurde weggelassen: { $why }
note-left-out-license = Die Lizenz { $license } wurde weggelassen: { $why }
note-left-out-titles = Die Titel der Lizenz { $license } wurden weggelassen: { $why }
note-left-out-counter = Ein Zähler der Lizenz { $license } wurde weggelassen: { $why }
note-left-out-statement = Eine Aussage des Ausstellers { $issuer } über widerrufene Lizenzen wurde weggelassen: { $why }
note-left-out-sunset-key = Ein Schlüssel des Ausstellers { $issuer } für den Fall seines Endes wurde weggelassen: { $why }
note-left-out-content-key = Der Inhaltsschlüssel { $key } des Ausstellers { $issuer } wurde weggelassen: { $why }
note-left-out-issuers =
    { $count ->
        [one] Ein Eintrag über einen Aussteller wurde weggelassen: Ein Verzeichnis hat nicht mehr Platz.
       *[other] { $count } Einträge über Aussteller wurden weggelassen: Ein Verzeichnis hat nicht mehr Platz.
    }
note-fault-empty = sie ist leer
note-fault-cut-off = sie ist abgeschnitten
note-fault-json = sie ist kein JSON (Zeile { $line }, Spalte { $column })
note-fault-shape = etwas ist nicht, wie es sein muss (Zeile { $line }, Spalte { $column }: { $text })
note-fault-missing = `{ $name }` fehlt
note-fault-text = `{ $name }` muss aus 1 bis { $max } druckbaren Bytes bestehen
note-fault-date = `{ $name }` ist kein Datum mit Uhrzeit und Zeitzone
note-fault-key-id-count = sie muss 1 bis 64 Schlüssel-IDs haben
note-fault-key-id = `{ $key }` ist keine Schlüssel-ID
note-fault-key-id-twice = die Schlüssel-ID { $key } steht zweimal darin
note-fault-service-url = die Adresse ihres Dienstes ist länger als 2.048 Bytes
note-fault-right-count = sie hat mehr als 64 Rechte
note-fault-title = ihr Titel ist länger als 1.000 Zeichen
note-fault-not-a =
    { $shape ->
        [text] `{ $name }` muss ein Text sein
       *[object] `{ $name }` muss ein Objekt sein
    }
note-fault-not-allowed = `{ $name }` hat dort keinen Platz
note-invalid-document = { $why }
note-invalid-base64 = `{ $name }` ist kein Base64
note-invalid-certificate = das Zertifikat ihres Anbieters ist nicht zu lesen
note-invalid-algorithm = ihr Signaturverfahren „{ $algorithm }“ ist unbekannt oder passt nicht zum Schlüssel ihres Anbieters
note-invalid-signature = ihre Signatur ist falsch: Sie wurde geändert, nachdem „{ $name }“ sie signiert hat, oder sie ist von jemand anderem
note-invalid-weak-key = das Zertifikat „{ $name }“ hat einen RSA-Schlüssel von { $bits } Bit; weniger als 2.048 sind zu schwach
note-invalid-weak-algorithm = das Zertifikat „{ $name }“ ist mit { $algorithm } signiert, und das ist zu schwach
note-invalid-unsupported = das Zertifikat „{ $name }“ braucht, was dieses Programm nicht kennt ({ $text })
note-invalid-usage = das Zertifikat „{ $name }“ ist nicht zum Signieren von Dokumenten da
note-invalid-not-yet-valid = das Zertifikat „{ $name }“ gilt ab { $from }, und die Lizenz ist vom { $time }
note-invalid-expired = das Zertifikat „{ $name }“ galt bis { $until }, und die Lizenz ist vom { $time }
note-invalid-root-not-valid = die Wurzel „{ $name }“ gilt von { $from } bis { $until }, und die Lizenz ist vom { $time }
note-invalid-chain = das Zertifikat „{ $name }“ nennt die Wurzel „{ $root }“ als Unterzeichner, und die war es nicht
note-invalid-distrusted = dem Zertifikat „{ $name }“ wird hier misstraut
note-template-brace = eine Klammer hat keine andere
note-template-expression = in Klammern steht etwas anderes als eine Liste von Namen
note-template-too-long = er ist zu lang
note-not-taken-no-license = es ist kein Lizenzdokument
note-not-taken-other = es ist eine andere Lizenz, oder von jemand anderem
note-not-taken-worth-less = seine Signatur ist weniger wert als die des hiesigen
note-not-taken-too-many = es waren zu viele auf einmal
note-provider-too-many = { $count ->
    [one] Nach einer Lizenz wurde nicht gefragt: es waren zu viele; später fragen: restow refresh
   *[other] Nach { $count } Lizenzen wurde nicht gefragt: es waren zu viele; später fragen: restow refresh
    }
note-provider-no-time = { $origin }: die Zeit reichte nicht, um nach { $count ->
    [one] einer Lizenz
   *[other] { $count } Lizenzen
    } zu fragen; später fragen: restow refresh
note-provider-left-alone = { $origin } hat nicht geantwortet oder war beschäftigt; nach { $count ->
    [one] einer Lizenz
   *[other] { $count } Lizenzen
    } wurde deshalb nicht gefragt; später fragen: restow refresh
note-address-form = das ist keine Webadresse
note-address-scheme = sie muss mit https:// beginnen
note-address-no-host = sie nennt keinen Rechner
note-address-user-name = sie darf keinen Benutzernamen enthalten
note-address-plain-http = http ist nur zu diesem Computer selbst erlaubt; https verwenden
note-address-port = ihr Port ist keine Zahl von 1 bis 65535
note-address-no-fingerprint = am Ende fehlt der Fingerabdruck des Ausstellers (#…)
note-address-not-a-link = das ist kein Link zum Holen von Lizenzen
note-address-damaged-link = sein Code oder Fingerabdruck ist beschädigt; den ganzen Link kopieren
note-jws-form = sie ist kein unterschriebenes Dokument in kompakter Form
note-jws-header = ihr Kopf ist nicht der für { $kind } verlangte
note-jws-unknown-key = unterschrieben hat ein Schlüssel, der hier nicht bekannt ist ({ $key })
note-jws-signature = ihre Unterschrift ist falsch
note-jws-version = sie hat Version { $version }, die dieses Programm nicht kennt
note-jws-payload = ihr Inhalt ist fehlerhaft
note-io-not-found = diese Datei oder diesen Ordner gibt es nicht
note-io-denied = der Zugriff ist verboten
note-io-exists = das gibt es schon
note-io-not-a-folder = das ist kein Ordner
note-io-a-folder = das ist ein Ordner
note-io-read-only = das Dateisystem ist schreibgeschützt
note-io-full = es ist kein Platz mehr
note-io-refused = dort antwortet nichts
note-io-broke-off = die Verbindung brach ab
note-io-timed-out = es dauerte zu lange
note-io-unreachable = dorthin führt kein Weg, oder den Namen gibt es nicht
note-io-address-in-use = ein anderes Programm benutzt diese Adresse
note-io-no-such-address = diese Adresse hat dieser Computer nicht
note-io-other = { $text }
note-header-truncated = die Datei endet mitten in ihrem Kopf: { $found } von { $stated } Bytes sind da
note-header-too-large = der Kopf gibt { $stated } Bytes an, mehr als dieses Programm zu lesen bereit ist
note-header-too-small = der Kopf gibt eine unmögliche Größe von { $stated } Bytes an
note-object-size = das Objekt bei Byte { $offset } gibt eine unmögliche Größe von { $stated } Bytes an
note-object-count = der Kopf gibt { $stated } Objekte an und hat { $found }
note-stray-bytes = bei Byte { $offset } des Kopfes stehen Bytes, die zu nichts gehören (Länge: { $len })
note-object-malformed = das Objekt „{ $object }“ ist fehlerhaft
note-no-streams = der Kopf beschreibt keinen Strom
note-no-media-data = auf den Kopf folgen keine Mediendaten
note-system-not-named = der Inhalt ist verschlüsselt, und nirgends steht, mit welchem System
note-protection-type-unknown = unbekannte Schutzart „{ $name }“
note-header-version-unknown = unbekannte Version des Kopfes „{ $name }“
note-protection-header-missing = der Kopf des Schutzes fehlt oder ist nicht lesbar
note-protection-header-malformed = der Kopf des Schutzes ist unvollständig oder nicht wohlgeformt
note-key-id-unusual = eine Schlüssel-ID im Kopf des Schutzes ist nicht das base64 von 16 Bytes
note-value-too-long = ein Wert ist zu lang und wurde weggelassen
note-values-too-many = es gibt zu viele Werte einer Art; der Rest wurde weggelassen
note-package-directory-missing = dem Paket fehlt das Verzeichnis an seinem Ende
note-entries-overlap = Einträge des Pakets überschneiden sich
note-entry-escapes = der Name eines Eintrags führt aus dem Paket hinaus
note-entry-missing = „{ $name }“ fehlt im Paket
note-entry-twice = „{ $name }“ ist mehrmals im Paket
note-entry-contradiction = „{ $name }“ ist im Verzeichnis anders beschrieben, als es ist
note-entry-damaged = „{ $name }“ ist beschädigt
note-entry-too-large = „{ $name }“ ist größer, als dieses Programm zu lesen bereit ist
note-entry-password = „{ $name }“ ist mit einem Passwort verschlossen
note-entry-archive = „{ $name }“ ist ein Archiv im Archiv, in das nicht hineingesehen wird
note-entry-packing = „{ $name }“ ist so gepackt, wie es Publikationen nicht dürfen
note-entry-unpack-first = „{ $name }“ ist im Archiv komprimiert und zu groß, um dort hineinzusehen
note-entry-malformed = „{ $name }“ ist fehlerhaft
note-archive-too-large = im Archiv ist mehr, als dieses Programm auszupacken bereit ist
note-put-other-license = darin liegt eine andere Lizenz, die nicht unter Ihren ist; um sie zu behalten, restow import DATEI
note-put-has-license = darin liegt eine andere Ihrer Lizenzen
note-put-broken-inside = die Lizenz darin ist nicht zu lesen
note-put-not-protected = das ist nicht durch LCP geschützt und öffnet sich, wie es ist
note-put-better-there = dort ist ein besseres Dokument dieser Lizenz (neuer, oder mit einer Signatur, die mehr gilt); um es zu haben, restow import DATEI
note-put-disputed = dort liegt ein anderes Dokument einer Lizenz, die hier ist, und nichts sagt, dass das hier besser ist; um es zu haben, restow import DATEI
note-put-read-only = die Datei ist als unveränderlich gekennzeichnet
note-put-changed = ein anderes Programm hat die Datei inzwischen geändert
note-put-not-as-written = was geschrieben wurde, ließ sich nicht so lesen, wie es sein soll; die Datei ist, wie sie war
note-put-no-folder = keine Publikation ist bekannt, und kein Ordner wurde genannt: restow put-back ORDNER
note-put-none-known = geschützt, ohne Lizenz, und keine hier ist als ihre bekannt
note-put-not-a-folder = ein Ordner ist nötig, und das ist eine Datei
note-put-not-usable = die Lizenz ist nicht mehr zu gebrauchen
note-put-other-kind = nur LCP-Lizenzen werden in Publikationen gelegt
note-fetch-no-link = die Lizenz sagt nicht, wo ihre Publikation zu haben ist
note-fetch-invalid-license = die Signatur der Lizenz ist ungültig, deshalb wird nichts für sie geholt
note-fetch-no-hash = nicht geholt; die Lizenz hat keine Prüfsumme dafür
note-fetch-not-agreed = nicht geholt
note-fetch-address = nicht geholt: das geschieht nur über https und von öffentlichen Adressen
note-fetch-unreachable = { $host }: { $why }
note-fetch-status = { $host } antwortet mit Status { $status }
note-fetch-redirects = { $host } leitet zu oft weiter
note-fetch-too-large = nicht geholt: { $stated } Bytes, wie die Lizenz sagt, sind mehr, als geholt wird
note-fetch-too-long = mehr als { $max } Bytes kamen, und nichts wurde behalten
note-fetch-length = { $found } Bytes kamen, die Lizenz nennt { $stated }, und nichts wurde behalten
note-fetch-hash = was kam, ist nicht die Datei, die die Lizenz nennt, und nichts wurde behalten
note-fetch-not-a-publication = was kam, ist keine Publikation, die eine Lizenz enthalten kann, und nichts wurde behalten
note-put-read = die Publikation kann nicht gelesen werden: { $why }
note-put-write = die Publikation kann nicht geschrieben werden: { $why }
note-put-no-place = die Datei ist keine Publikation, in der eine Lizenz Platz hat
note-put-refused = die Publikation ist beschädigt: { $why }
note-put-no-room = in der Publikation ist kein Platz für einen weiteren Eintrag

## Kleine Wörter

answer-hint = [j/N]
answer-yes = j ja y yes
word-yes = ja
word-confirmed = bestätigt
word-unconfirmed = unbestätigt
title-quoted = „{ $title }“
title-and-more =
    { $count ->
        [one] „{ $title }“ und 1 weiterer
       *[other] „{ $title }“ und { $count } weitere
    }
list-item = {"  "}{ $text }
list-more =
    { $count ->
        [one] {"  "}… und 1 weitere
       *[other] {"  "}… und { $count } weitere
    }
nothing-changed = Es wurde nichts geändert.
run-warning = Hinweis: { $text }

column-state = Zustand
column-left = übrig
column-backup = gesichert
column-title = Titel, Lizenz-ID
column-location = Ort
column-newest = neueste Sicherung
column-licenses = Lizenzen
column-reachable = erreichbar
column-set = Satz
column-computer = Computer
column-generation = Generation
column-made = erstellt
column-id = ID
column-seen = zuletzt gesehen
column-license = Lizenz
column-holder = Inhaber
column-computers = Computer
column-rights = Rechte
column-name = Titel
column-called = Name
column-registered = angemeldet
column-since = seit
column-offer = Angebot
column-for = für
column-redeemed = eingelöst
column-when = Zeit
column-who = von
column-what = Aktion
column-about = Gegenstand
column-detail = Einzelheiten

usability-usable = nutzbar
usability-pending = ausstehend
usability-revoked = widerrufen
usability-invalid = ungültig
usability-expired = abgelaufen
usability-not_yet_valid = noch nicht gültig
usability-used_up = aufgebraucht
usability-other_computer = auf anderem Computer
show-asks-service = braucht zum Wiederherstellen ihren Dienst
valid-from = {"  "}(ab { $from })
valid-until = {"  "}(bis { $until })
valid-between = {"  "}({ $from } bis { $until })
amount-print =
    { $count ->
        [0] nichts darf gedruckt werden
        [one] 1 Seite darf gedruckt werden
       *[other] { $count } Seiten dürfen gedruckt werden
    }
amount-copy =
    { $count ->
        [0] nichts darf kopiert werden
        [one] 1 Zeichen darf kopiert werden
       *[other] { $count } Zeichen dürfen kopiert werden
    }
outcome-granted = erteilt
outcome-limit = Höchstzahl an Computern erreicht
outcome-daily_limit = Tageslimit erreicht
outcome-not_yours = gehört einem anderen Inhaber
outcome-revoked = widerrufen
outcome-returned = zurückgegeben
outcome-cancelled = storniert
outcome-expired = abgelaufen
why-needs_adopt = gehört einem anderen Inhaber (übernehmen mit --adopt)
why-restore_key_withdrawn = der Wiederherstellungsschlüssel dieser Sicherung wurde zurückgezogen
why-too_many_computers = zu viele Computer sind angemeldet
why-not_allowed = der Dienst lässt diesen Computer nicht zu
why-needs_individualization = ausstehend: dieser Computer ist nicht angemeldet
why-private_address = ausstehend: die Adresse des Dienstes müssen Sie selbst hinzufügen
why-other_machine = ausstehend: der Ordner von Restow gehört zu einem anderen Computer
why-service_unavailable = ausstehend
why-damaged = in der Sicherung beschädigt

reason-denied_by_issuer = der Aussteller erlaubt keine Sicherung
reason-unstated_device_bound = an ein Gerät gebunden, ohne Erlaubnis zur Sicherung
reason-not_persistent = nur für eine Sitzung gültig
reason-key_in_clear = ein ungeschützter Inhaltsschlüssel

notice-unconfirmed-computer = Der Computer „{ $name }“ kam über eine Sicherung dazu ({ $at }). Wenn es Ihrer ist: restow computer confirm { $computer } – wenn nicht: restow computer refuse { $computer }
notice-release-requested = Für den Computer „{ $name }“ wurde eine Freigabe beantragt ({ $at }). Um sie zu verhindern: restow computer refuse { $computer }
notice-computer-released = Der Computer „{ $name }“ wurde freigegeben ({ $at }). Seine ID war { $computer }.
notice-restore-key-withdrawn = Die Wiederherstellungsschlüssel des Computers „{ $name }“ wurden zurückgezogen ({ $at }). Dort neu sichern. Seine ID ist { $computer }.

## Dateien

scan-warning = { $path }: { $why }
scan-unreadable = { $path } ist nicht lesbar: { $why }
scan-done =
    { $files ->
        [one] 1 Datei erfasst, { $protected } geschützt.
       *[other] { $files } Dateien erfasst, davon { $protected } geschützt.
    }
license-inside =
    { $count ->
        [one] 1 Buch enthält eine Lizenz, die noch nicht importiert ist: restow import { $path }
       *[other] { $count } Bücher enthalten eine Lizenz, die noch nicht importiert ist: restow import { $path }
    }
scan-without-license =
    { $count ->
        [one] Für 1 geschützte Datei gibt es hier keine Lizenz:
       *[other] Für { $count } geschützte Dateien gibt es hier keine Lizenz:
    }
scan-other = { $count ->
        [one] 1 Datei anderer Art wurde übersprungen. Restow liest Windows-Media-Dateien und Bücher (EPUB, PDF, Hörbücher, Comics).
       *[other] { $count } Dateien anderer Art wurden übersprungen. Restow liest Windows-Media-Dateien und Bücher (EPUB, PDF, Hörbücher, Comics).
    }
scan-malformed =
    { $count ->
        [one] 1 Datei ist fehlerhaft.
       *[other] { $count } Dateien sind fehlerhaft.
    }
scan-unreadable-count =
    { $count ->
        [one] 1 Datei oder Ordner war nicht lesbar.
       *[other] { $count } Dateien oder Ordner waren nicht lesbar.
    }
scan-removed =
    { $count ->
        [one] 1 Datei gibt es nicht mehr; sie wurde von der Liste gestrichen.
       *[other] { $count } Dateien gibt es nicht mehr; sie wurden von der Liste gestrichen.
    }
scan-next = Weiter: restow status zeigt, welche Lizenzen gesichert sind.
files-none = Es sind noch keine Dateien erfasst. Zuerst: restow scan ORDNER
file-state-none = ohne Lizenz
file-state-inside = Lizenz enthalten
file-state-broken = Lizenz unlesbar
file-state-licensed = lizenziert
file-state-backed-up = gesichert
file-state-ended = beendet
file-state-invalid = ungültig
file-state-restricted = beschränkt
file-not-imported = Die Lizenz in dieser Datei ist noch nicht importiert: restow import { $path }
file-license-broken = Die Lizenz in dieser Datei ist nicht lesbar. Das Buch oder seine Lizenz erneut von Shop oder Bibliothek holen.
file-is-license = Das ist eine LCP-Lizenz: restow import { $path }
file-is-archive = Das ist ein ZIP-Archiv. Um die Lizenzen darin zu importieren: restow import { $path }
file-no-license-apart = Zu diesem Buch ist hier keine Lizenz bekannt. Falls Sie die .lcpl-Datei haben: restow import DATEI, dann restow put-back ORDNER. Sonst eine Sicherung wiederherstellen.
file-clear = frei
file-not-known = unbekannt
file-format = { $path } ({ $format })
file-title = Titel: { $title }
file-is-protected = Geschützt durch: { $systems }
file-is-clear = Nicht geschützt.
file-unknown = Restow erkennt nicht, ob diese Datei geschützt ist.
file-key = Schlüssel-ID: { $key } (Windows Media: { $kid })
file-url = Lizenzadresse in der Datei: { $url }
file-license = Lizenz: { $license } für { $title }: { $status }
file-no-license = Für diese Datei gibt es hier keine Lizenz. Eine Lizenz holen (restow acquire DATEI), oder eine Sicherung wiederherstellen.
file-bound = Lizenzen von Windows Media DRM und PlayReady sind an ihr Gerät gebunden. Restow kann sie nicht sichern.

root-name = { $name }
root-subject = { "  " }{ $subject }
root-fingerprint = { "  " }Fingerabdruck { $fingerprint }
root-valid = { "  " }gültig von { $from } bis { $until }
root-distrusted = { "  " }nicht vertrauenswürdig: Seine Lizenzen bleiben erhalten, gelten als ungültig und ersetzen nie andere
root-none = Sie vertrauen noch keinem Stammzertifikat. Ohne eines kann Restow nicht prüfen, wer eine Lizenz signiert hat. Hinzufügen: restow roots add DATEI
root-added = { $name } gilt jetzt als vertrauenswürdig.
root-removed = { $name } wurde von der Liste gestrichen.

import-new = { $path }: { $title } importiert
import-newer = { $path }: { $title } importiert, neuer als bisher
import-already-here = { $path }: { $title } ist schon hier
import-refused = { $path }: nicht importiert: { $why }
import-done = { $imported } importiert, { $here } schon hier, { $refused } nicht importiert.
signature-invalid = Die Lizenz für { $title } ist ungültig: { $why }
signature-unknown-root =
    { $count ->
        [one] 1 Lizenz hat eine Signatur, deren Stammzertifikat Sie noch nicht vertrauen. Um ihm zu vertrauen: restow roots add DATEI
       *[other] { $count } Lizenzen haben Signaturen, deren Stammzertifikaten Sie noch nicht vertrauen. Um einem zu vertrauen: restow roots add DATEI
    }
import-next = Weiter: restow backup ORT

## Lizenzen

licenses-unreadable = { $title }: Die Lizenz ist nicht lesbar: { $why }
licenses-said = {"  "}– { $status }, Stand { $at }
licenses-renewable = {"  "}– { $status }, Stand { $at }; verlängerbar
licenses-user = {"  "}ausgestellt für: { $user }
licenses-signature-valid = {"  "}(Signatur gültig, Zertifikat von „{ $issuer }“)
licenses-signature-unknown = {"  "}(Signatur gültig, Stammzertifikat noch nicht vertrauenswürdig)
licenses-signature-invalid = {"  "}(Signatur ungültig: { $why })
licenses-none = Hier gibt es keine Lizenzen. Lizenzen holen (restow import oder restow acquire), oder eine Sicherung wiederherstellen.
backup-no = nein
backup-never = nicht erlaubt
forget-ask = { $title } ist in keiner Sicherung. Trotzdem entfernen?
forget-ask-unseen = Eine Sicherung in { $location } enthielt { $title } am { $at }, ist aber jetzt nicht angeschlossen. Die Lizenz trotzdem entfernen?
forget-done = { $title } wurde von diesem Computer entfernt.
forget-from-ask = { $title } aus allen Sicherungen dieses Computers in { $location } entfernen? Das lässt sich nicht rückgängig machen. { $where }
forget-from-kept = Die Lizenz bleibt auf diesem Computer, ist aber in keiner anderen Sicherung.
forget-from-kept-twice = Die Lizenz bleibt auf diesem Computer und in einer anderen Sicherung: { $other }.
forget-from-elsewhere = Die Lizenz ist nicht auf diesem Computer, aber in einer anderen Sicherung: { $other }.
forget-from-set = Satz { $set } an diesem Ort
forget-from-last = Dies ist die letzte Kopie der Lizenz.
forget-from-done = { $title } wurde aus allen Sicherungen dieses Computers in { $location } entfernt.
forget-from-still-in = Der Satz { $set } eines anderen Computers enthält die Lizenz noch. Nur jener Computer kann sie entfernen.
forget-unseen = Eine Sicherung in { $location } enthielt die Lizenz am { $at }, ist aber jetzt nicht angeschlossen.
forget-still-in = Eine Sicherung enthält die Lizenz noch: { $location }
can-unknown = Restow erkennt nicht, ob { $path } geschützt ist. Der Kopf der Datei ist beschädigt oder unbekannt.
can-other-kind = Restow erkennt nicht, ob { $path } geschützt ist. Dateien dieser Art liest es nicht. Wenn die Schlüssel-ID bekannt ist: restow can SCHLÜSSELID
can-no-key-id = { $path } ist geschützt ({ $systems }), nennt aber keine Schlüssel-ID. Restow erkennt nicht, was die Lizenz erlaubt.
can-not-protected = Die Datei ist nicht geschützt und braucht keine Lizenz.
can-yes = Ja: { $right } ist für { $key } erlaubt.
can-yes-left =
    { $left ->
        [one] Ja: { $right } ist für { $key } noch 1-mal erlaubt.
       *[other] Ja: { $right } ist für { $key } noch { $left }-mal erlaubt.
    }
can-used = { $right } für { $key }: erledigt.
can-used-left = { $right } für { $key }: 1 Nutzung gezählt; { $left } übrig.
can-until = Erlaubt bis { $until }.
can-read = Ja: { $right } ist für „{ $title }“ erlaubt.
can-amount = Insgesamt: { $amount }. Das zählen Leseprogramme, nicht Restow.
can-left =
    { $left ->
        [one] 1 Nutzung ist übrig.
       *[other] { $left } Nutzungen sind übrig.
    }
can-unusual = „{ $right }“ gehört nicht zu den üblichen Rechten: { $usual }
can-not-counted = Es wurde nichts gezählt. Nutzungen von Büchern zählen die Leseprogramme.

## Warum

facts-inside = Lizenz in der Datei: { $license } von { $provider }
facts-identifier = Kennung des Buchs: { $identifier }
facts-license = Lizenz { $license } für { $title }, von { $issuer }
facts-by-key-id = Über die Schlüssel-ID gefunden.
facts-by-license-id = Über die Lizenz-ID gefunden.
facts-by-embedded = Über die Lizenz im Buch gefunden.
facts-by-identifier = Über die Kennung des Buchs gefunden: Ein Buch mit dieser Kennung hatte diese Lizenz.
facts-unreadable = Die Lizenz ist nicht lesbar: { $why }
facts-now = Zustand der Lizenz: { $status }
facts-readers-count = Gedruckte Seiten und kopierte Zeichen zählen die Leseprogramme, nicht Restow.
facts-used =
    { $count ->
        [one] Auf allen Computern gezählt: { $right } wurde 1-mal genutzt.
       *[other] Auf allen Computern gezählt: { $right } wurde { $count }-mal genutzt.
    }
facts-signature-verified = Die Signatur ist gültig.
facts-signature-unknown-root = Die Signatur ist gültig, aber ihrem Stammzertifikat vertrauen Sie noch nicht.
facts-signature-invalid = Die Signatur ist ungültig, und Leseprogramme werden die Lizenz ablehnen: { $why }
signature-not-valid = Die Signatur der Lizenz { $license } ist ungültig, und Leseprogramme werden sie ablehnen: { $why }
facts-signer = Signiert von „{ $name }“, mit einem Zertifikat von „{ $issuer }“, gültig von { $from } bis { $until }.
facts-provider-said = Antwort des Anbieters: { $status } ({ $at })
facts-revoked = Der Aussteller hat die Lizenz widerrufen: { $reason }
facts-backup-allowed = Die Lizenz darf gesichert werden.
facts-backup-denied = Die Lizenz darf nicht gesichert werden: { $reason }
facts-in-backup = Gesichert in { $location }, { $at }
facts-in-no-backup = Die Lizenz ist in keiner Sicherung.
acquire-item = {"  "}{ $title }: { $outcome }
acquire-page = Diese Seite zeigt die Computer mit diesen Lizenzen und einen Kontakt: { $url }
acquire-done =
    { $count ->
        [one] 1 Lizenz ist jetzt hier.
       *[other] { $count } Lizenzen sind jetzt hier.
    }
acquire-next = Weiter: restow scan ORDNER erfasst die Titel Ihrer Dateien; dann restow backup ORT

## Überblick

status-all =
    { $count ->
        [one] 1 Lizenz ist auf diesem Computer.
       *[other] { $count } Lizenzen sind auf diesem Computer.
    }
status-in-backup =
    { $count ->
        [one] 1 ist gesichert.
       *[other] { $count } sind gesichert.
    }
location-away = jetzt nicht angeschlossen
location-gone = ja; leer
location-damaged = ja; beschädigt, neu sichern
location-older = ja; älterer Stand, neu sichern
status-withdrawn = Mit der Sicherung in { $location } lässt sich kein neuer Computer mehr anmelden: Ihr Wiederherstellungsschlüssel wurde zurückgezogen, oder dieser Computer wurde freigegeben. Neu sichern.
status-at-risk =
    { $count ->
        [one] 1 ist in keiner Sicherung, darf aber gesichert werden:
       *[other] { $count } sind in keiner Sicherung, dürfen aber gesichert werden:
    }
status-restricted =
    { $count ->
        [one] 1 kann nicht gesichert werden:
       *[other] { $count } können nicht gesichert werden:
    }
status-revoked =
    { $count ->
        [one] 1 Lizenz wurde vom Aussteller widerrufen und ist nicht mehr nutzbar.
       *[other] { $count } Lizenzen wurden von ihren Ausstellern widerrufen und sind nicht mehr nutzbar.
    }
status-ended =
    { $count ->
        [one] 1 Lizenz ist beendet und öffnet nichts mehr.
       *[other] { $count } Lizenzen sind beendet und öffnen nichts mehr.
    }
status-invalid =
    { $count ->
        [one] Eine Lizenz ist ungültig, Leseprogramme lehnen sie ab. Warum: restow licenses --check
       *[other] { $count } Lizenzen sind ungültig, Leseprogramme lehnen sie ab. Warum: restow licenses --check
    }
status-without-license =
    { $count ->
        [one] Für 1 geschützte Datei gibt es hier keine Lizenz. Welche, zeigt: restow files
       *[other] Für { $count } geschützte Dateien gibt es hier keine Lizenz. Welche, zeigt: restow files
    }
status-lost = {"  "}{ $title }: { $reason }
status-lost-where = {"  "}{ $title }: { $reason}. Erneut erhältlich bei { $url }
status-loans =
    { $count ->
        [one] 1 Ausleihe endet:
       *[other] { $count } Ausleihen enden:
    }
status-loan = {"  "}{ $title }  bis { $until }
status-loan-renewable = {"  "}{ $title }  bis { $until }; verlängern: restow renew { $license }
status-tonight =
    Ginge dieser Computer heute Nacht verloren, { $lost ->
        [0] wäre keine Lizenz verloren
        [one] wäre 1 Lizenz verloren
       *[other] wären { $lost } Lizenzen verloren
    } und { $kept ->
        [one] 1 ließe sich wiederherstellen.
       *[other] { $kept } ließen sich wiederherstellen.
    }
status-next-backup = Weiter: restow backup ORT

## Sichern und Wiederherstellen

restricted-heading = Einige Lizenzen können nicht gesichert werden:
restricted-titled = {"  "}{ $titles }: { $reason }
restricted-unknown = {"  "}Einige Lizenzen können nicht gesichert werden: Schlüssel-ID { $key }
restricted-no-key = {"  "}Einige Lizenzen können nicht gesichert werden: Lizenz { $license }
event-needs-registration = { $service } wird gebraucht, aber dieser Computer ist dort nicht angemeldet. Es wurde nichts gesendet.
event-connecting = Verbindung mit { $service } …
event-disconnecting = Fertig mit { $service }.
event-page = { $service } hat einige Lizenzen abgelehnt. Diese Seite zeigt die Computer mit diesen Lizenzen und einen Kontakt: { $url }
backup-would =
    { $count ->
        [one] 1 Lizenz würde gesichert, { $new } neu oder geändert.
       *[other] { $count } Lizenzen würden gesichert, davon { $new } neu oder geändert.
    }
backup-would-begin = Es wäre dort die erste Sicherung dieses Computers.
backup-would-continue = Die neueste Sicherung dort ist Generation { $generation }.
backup-done =
    { $count ->
        [one] 1 Lizenz ist in { $location } gesichert, Generation { $generation }.
       *[other] { $count } Lizenzen sind in { $location } gesichert, Generation { $generation }.
    }
backup-nothing = Es gibt nichts zu sichern: Auf diesem Computer sind keine Lizenzen.
backup-nothing-allowed = Es gibt nichts zu sichern: Keine Lizenz hier darf gesichert werden.
backup-restricted =
    { $count ->
        [one] 1 Lizenz wurde nicht gesichert. Geht dieser Computer verloren, sie erneut bei Shop oder Bibliothek holen.
       *[other] { $count } Lizenzen wurden nicht gesichert. Geht dieser Computer verloren, sie erneut bei Shop oder Bibliothek holen.
    }
backup-keep = Die Sicherung getrennt von diesem Computer aufbewahren.
backup-next = Die Sicherung getrennt von diesem Computer aufbewahren. Zum Wiederherstellen auf einem anderen Computer: restow restore { $location }
restore-services =
    { $count ->
        [one] Zum Wiederherstellen ist ein Dienst nötig, bei dem dieser Computer noch nicht angemeldet ist:
       *[other] Zum Wiederherstellen sind Dienste nötig, bei denen dieser Computer noch nicht angemeldet ist:
    }
restore-service-licenses =
    { $count ->
        [one] {"  "}Restow würde ihn nach 1 Lizenz fragen.
       *[other] {"  "}Restow würde ihn nach { $count } Lizenzen fragen.
    }
restore-service-by-hand = {"  "}Seine Adresse ist nicht öffentlich. Wenn sie stimmt, den Dienst hinzufügen und erneut wiederherstellen: restow service add { $url }
restore-service-registered =
    { $count ->
        [one] {"  "}Restow würde ihn nach 1 Lizenz fragen. Dieser Computer ist dort angemeldet.
       *[other] {"  "}Restow würde ihn nach { $count } Lizenzen fragen. Dieser Computer ist dort angemeldet.
    }
restore-service-new =
    { $count ->
        [one] {"  "}Restow würde ihn nach 1 Lizenz fragen. Dieser Computer müsste dort zuerst angemeldet werden.
       *[other] {"  "}Restow würde ihn nach { $count } Lizenzen fragen. Dieser Computer müsste dort zuerst angemeldet werden.
    }
restore-provider-not-asked = {"  "}Er wurde nicht gefragt, weil hier keine Rückfrage möglich ist. Später: restow refresh; oder mit --register einwilligen.
restore-providers =
    { $count ->
        [one] Restow kann diesen Anbieter nach dem Stand seiner Lizenzen fragen. Wiederhergestellt werden sie auf jeden Fall:
       *[other] Restow kann diese Anbieter nach dem Stand ihrer Lizenzen fragen. Wiederhergestellt werden sie auf jeden Fall:
    }
provider-licenses =
    { $count ->
        [one] {"  "}Er würde eine Frage zu 1 Lizenz erhalten, dazu den Namen dieses Computers und eine ID nur für diesen Anbieter.
       *[other] {"  "}Er würde eine Frage zu { $count } Lizenzen erhalten, dazu den Namen dieses Computers und eine ID nur für diesen Anbieter.
    }
provider-licenses-allowed =
    { $count ->
        [one] {"  "}Den Kontakt haben Sie erlaubt. Restow fragt nach 1 Lizenz.
       *[other] {"  "}Den Kontakt haben Sie erlaubt. Restow fragt nach { $count } Lizenzen.
    }
provider-unknown-root = {"  "}Dem Stammzertifikat seiner Lizenzen vertrauen Sie noch nicht. Die Adresse mit der bekannten vergleichen.
provider-only-by-hand = {"  "}Seine Adresse ist nicht öffentlich. Wenn sie stimmt, den Kontakt selbst erlauben: restow provider allow { $url }
provider-ask = Den Kontakt mit { $origin } erlauben?
provider-not-asked = { $url } wurde nicht gefragt. Um den Kontakt zu erlauben: restow provider allow { $url }
provider-allowed = Der Kontakt mit { $origin } ist erlaubt.
provider-next = Weiter: restow refresh fragt nach dem Stand seiner Lizenzen.
provider-removed = { $url } wird nicht mehr kontaktiert. Die Lizenzen bleiben erhalten.
provider-none = Der Kontakt ist noch mit keinem Anbieter erlaubt. restow refresh und restow restore fragen bei jedem nach.
provider-by-hand = { $origin }  (von Ihnen hinzugefügt, { $at })
provider-by-consent = { $origin }  (auf Nachfrage erlaubt, { $at })
standing-ready = noch nicht benutzt
standing-active = aktiv
standing-revoked = widerrufen
standing-returned = zurückgegeben
standing-cancelled = storniert
standing-expired = abgelaufen
loan-stands = { $title }: { $status }
loan-renewed = { $title } ist verlängert.
loan-returned = { $title } ist zurückgegeben. Die Lizenz bleibt hier, öffnet aber nichts mehr.
loan-message = {"  "}Nachricht des Anbieters: { $message }
loan-until = {"  "}bis { $until }
loan-shorter = Die Ausleihe ist kürzer als zuvor: Sie ging bis { $until }.
loan-ended = {"  "}beendet { $until }
loan-renewable-until = {"  "}bis { $until } verlängerbar: restow renew { $license }
loan-renewable = {"  "}verlängerbar: restow renew { $license }
loan-renew-page = {"  "}auf dieser Seite verlängerbar: { $url }
loan-returnable = {"  "}kann zurückgegeben werden: restow return { $license }
loan-refreshed = {"  "}Eine neuere Lizenz wurde empfangen. Neu sichern.
loan-not-answered = { $title }: { $why }
return-ask = { $title } ({ $license }) zurückgeben? Die Lizenz öffnet danach nichts mehr.
refresh-passed-over = { $count ->
    [one] 1 Lizenz wurde übersprungen, weil ihre Signatur ungültig ist. Welche, zeigt: restow licenses --check
   *[other] { $count } Lizenzen wurden übersprungen, weil ihre Signaturen ungültig sind. Welche, zeigt: restow licenses --check
}
refresh-none = Es gibt nichts zu fragen: Keine Lizenz hier nennt einen Dienst oder eine Adresse für ihren Stand.
service-all-good = { $count ->
    [one] „{ $service }“ wurde nach 1 Lizenz gefragt. Sie ist nicht widerrufen.
   *[other] „{ $service }“ wurde nach { $count } Lizenzen gefragt. Keine ist widerrufen.
}
service-revoked = { $count ->
    [one] „{ $service }“ hat 1 Lizenz widerrufen. Welche, zeigt: restow licenses
   *[other] „{ $service }“ hat { $count } Lizenzen widerrufen. Welche, zeigt: restow licenses
}
service-not-answered = „{ $service }“ hat nicht geantwortet: { $why }
ask-register = Diesen Computer bei { $service } anmelden?
restore-ask-adopt =
    { $count ->
        [one] 1 Lizenz gehört einem anderen Inhaber: einer anderen Person, oder Ihnen aus der Zeit vor der Anmeldung dieses Computers. Diesen Computer auch diesem Inhaber zuordnen und die Lizenz übernehmen?
       *[other] { $count } Lizenzen gehören einem anderen Inhaber: einer anderen Person, oder Ihnen aus der Zeit vor der Anmeldung dieses Computers. Diesen Computer auch diesem Inhaber zuordnen und die Lizenzen übernehmen?
    }
restore-needs-adopt =
    { $count ->
        [one] 1 Lizenz gehört einem anderen Inhaber als dieser Computer. Um sie zu übernehmen: --adopt. Oder in einen neuen Ordner wiederherstellen: --home ORDNER
       *[other] { $count } Lizenzen gehören einem anderen Inhaber als dieser Computer. Um sie zu übernehmen: --adopt. Oder in einen neuen Ordner wiederherstellen: --home ORDNER
    }
restore-would =
    { $count ->
        [one] 1 Lizenz würde wiederhergestellt
       *[other] { $count } Lizenzen würden wiederhergestellt
    }{ $here ->
        [0] .
        [one] ; 1 ist schon hier.
       *[other] ; { $here } sind schon hier.
    }
restore-done =
    { $count ->
        [one] 1 Lizenz wurde wiederhergestellt
       *[other] { $count } Lizenzen wurden wiederhergestellt
    }{ $here ->
        [0] .
        [one] ; 1 war schon hier.
       *[other] ; { $here } waren schon hier.
    }
restore-damaged =
    { $count ->
        [one] 1 Lizenz ist in der Sicherung beschädigt.
       *[other] { $count } Lizenzen sind in der Sicherung beschädigt.
    }
restore-missing =
    { $count ->
        [one] 1 Lizenz ist hier nicht nutzbar:
       *[other] { $count } Lizenzen sind hier nicht nutzbar:
    }
restore-missing-unknown =
    { $count ->
        [one] 1 Lizenz wurde nicht wiederhergestellt. Ihr Titel ist nicht lesbar.
       *[other] { $count } Lizenzen wurden nicht wiederhergestellt. Ihre Titel sind nicht lesbar.
    }
restore-missing-item = {"  "}{ $title }: { $why }
restore-without-file =
    { $count ->
        [one] Zu 1 wiederhergestellten Lizenz fehlt hier die Datei (eine Sicherung enthält Lizenzen, keine Dateien):
       *[other] Zu { $count } wiederhergestellten Lizenzen fehlt hier die Datei (eine Sicherung enthält Lizenzen, keine Dateien):
    }
restore-next-books = Bei Büchern: restow put-back ORDNER legt die Lizenzen in Ihre Bücher und zeigt, woher fehlende zu bekommen sind.
restore-next-pending = Weiter: Sobald der Dienst erreichbar ist, die ausstehenden Lizenzen wiederherstellen: restow restore { $location }
restore-unconfirmed = Dieser Computer ist noch nicht bestätigt. Auf einem anderen Ihrer Computer bestätigen (restow computer confirm { $computer }), oder 7 Tage warten.
restore-next = Weiter: restow licenses zeigt die Lizenzen auf diesem Computer.

## Dienste und Computer

service-name = { $name }
service-origin = {"  "}Adresse:        { $origin }
service-fingerprint = {"  "}Fingerabdruck:  { $fingerprint }
service-privacy = {"  "}Datenschutz:    { $url }
service-registered = {"  "}Dieser Computer ist dort angemeldet.
service-unconfirmed = {"  "}Dieser Computer ist dort angemeldet, aber noch nicht bestätigt.
service-not-registered = {"  "}Dieser Computer ist dort nicht angemeldet.
service-none = Es ist noch kein Dienst hinzugefügt. Den Dienst Ihres Shops oder Ihrer Bibliothek hinzufügen: restow service add URL
service-ask = Ist das der richtige Dienst? { $name } vertrauen?
service-added = { $name } gilt jetzt als vertrauenswürdig.
service-next = Weiter: mit einer Sicherung restow restore ORT, ohne Sicherung restow computer register.
service-remove-ask = { $name } nicht mehr vertrauen? Die Lizenzen bleiben erhalten. Bis Sie den Dienst wieder hinzufügen, stellt er keine Lizenz wieder her und erhält keine Nutzungszahlen.
service-removed = { $name } ist entfernt und wird nicht mehr kontaktiert. Die Lizenzen bleiben erhalten.
computer-none = Dieser Computer ist bei keinem Dienst angemeldet. Das geschieht, wenn Sie Lizenzen von einem Dienst holen oder wiederherstellen.
computer-registered = Dieser Computer ist als „{ $name }“ angemeldet ({ $computer }).
computer-this = {"  "}Dieser Computer: { $computer }
computer-holder = {"  "}Inhaber:         { $holder }
computer-unconfirmed = {"  "}Er ist noch nicht bestätigt. Auf einem anderen Ihrer Computer: restow computer confirm { $computer }
computer-this-name = { $name } (dieser)
computer-releasing = Freigabe { $at }, falls nicht abgelehnt
computer-confirms = unbestätigt bis { $at }
computer-released = { $name } wurde freigegeben ({ $at }).
computer-release-waits = { $name } wird am { $at } freigegeben, falls keiner Ihrer Computer ablehnt.
computer-release-ask = Diesen Computer ({ $name }) freigeben? Die Schlüssel seiner Lizenzen werden von ihm entfernt. Stellen Sie die Lizenzen später wieder her, zählt er als neuer Computer.
computer-release-other-ask =
    { $count ->
        [one] { $name } freigeben? Seine Lizenz ist dort dann nicht mehr nutzbar; ein anderer Computer kann sie übernehmen. Die Zahl der Freigaben im Jahr ist begrenzt.
       *[other] { $name } freigeben? Seine { $count } Lizenzen sind dort dann nicht mehr nutzbar; ein anderer Computer kann sie übernehmen. Die Zahl der Freigaben im Jahr ist begrenzt.
    }
computer-withdraw-ask = Auch die Wiederherstellungsschlüssel in den Sicherungen von { $name } zurückziehen? Das ist ratsam, wenn eine davon in fremden Händen sein kann. Sicherungen anderer Computer behalten ihre Schlüssel.
computer-keys-withdrawn = Die Wiederherstellungsschlüssel in den Sicherungen von { $name } wurden zurückgezogen.
computer-keys-work = Mit den Wiederherstellungsschlüsseln in seinen Sicherungen können sich weiterhin neue Computer anmelden, zunächst unbestätigt. Um das zu beenden: restow computer withdraw-key { $computer }
computer-confirmed = { $name } ist bestätigt.
computer-refused = { $name } wurde abgelehnt.
computer-release-refused = Die Freigabe von { $name } wurde abgelehnt. Der Computer behält seine Lizenzen.
computer-withdrawn = Die Wiederherstellungsschlüssel von { $name } wurden zurückgezogen. Dort neu sichern.

## Sicherungen

backups-none = Dieser Computer hat noch keine Sicherung. Weiter: restow backup ORT
generation-at-most = bis zu { $count }
generation-newest = neueste
generation-older = älter
generation-newer = braucht ein neueres Restow
generation-damaged = beschädigt
generation-proven = nachgewiesen
generation-unproven = nicht nachgewiesen
show-license = {"  "}{ $title }  { $license }  { $status }
show-done =
    { $count ->
        [one] 1 Lizenz ist in dieser Sicherung.
       *[other] { $count } Lizenzen sind in dieser Sicherung.
    }
show-damage =
    { $count ->
        [one] 1 Fehler gefunden. Mehr dazu: restow verify
       *[other] { $count } Fehler gefunden. Mehr dazu: restow verify
    }
export-done =
    { $count ->
        [one] 1 Lizenz wurde nach { $folder } geschrieben
       *[other] { $count } Lizenzen wurden nach { $folder } geschrieben
    }{ $here ->
        [0] .
        [one] ; 1 war schon da.
       *[other] ; { $here } waren schon da.
    }
missing-where = {"    "}Erneut erhältlich bei { $url }
verify-damage = { $text }
verify-foreign = { $path } gehört nicht dorthin.
verify-leftovers =
    { $count ->
        [one] 1 Datei ist von einer unterbrochenen Sicherung übrig. Die nächste Sicherung entfernt sie.
       *[other] { $count } Dateien sind von einer unterbrochenen Sicherung übrig. Die nächste Sicherung entfernt sie.
    }
verify-looked = { $size } geprüft (Sätze: { $sets }, Generationen: { $generations }).
verify-next-backup = Beschädigt ist die Sicherung dieses Computers. Um diese Lizenzen neu zu schreiben: restow backup { $location }
verify-mended = Eine spätere Sicherung hat diese Lizenzen neu geschrieben, soweit dieser Computer sie noch hatte.
verify-whole = Jedes Byte ist unversehrt.
verify-origin-proven = Satz { $set }, von „{ $name }“: Ein Dienst, dem Sie vertrauen, weist nach, dass er von Ihrem Computer stammt.
verify-origin-unproven = Satz { $set }, von „{ $name }“: Kein Dienst, dem Sie vertrauen, weist nach, von welchem Computer er stammt.

## Betreiber

serve-listening = Der Dienst ist unter { $address } erreichbar. Strg-C beendet ihn.
serve-behind = Seine öffentliche Adresse ist { $url }. Der TLS-Server dort muss Anfragen an diese Adresse weiterleiten.
serve-elsewhere = Seine öffentliche Adresse ist { $url }, mit einem anderen Port. Hier finden Clients den Dienst nicht.
serve-ended = Der Dienst ist beendet.
admin-made = Der Dienst ist in { $folder } eingerichtet.
admin-made-next = root.key an einen sicheren Ort bringen, den Fingerabdruck veröffentlichen, dann: restow serve { $folder }
admin-issued =
    { $count ->
        [one] 1 Lizenz steht bereit. Wer diesen Link zuerst benutzt, erhält sie:
       *[other] { $count } Lizenzen stehen bereit. Wer diesen Link zuerst benutzt, erhält sie:
    }
admin-issued-add = Die Adresse des Dienstes ist nicht öffentlich. Der Inhaber muss ihn zuerst hinzufügen: restow service add { $url }
admin-issued-next = Der Link funktioniert nur einmal. Der Inhaber gibt ein: restow acquire LINK
admin-revoked = Widerrufen ({ $at }).
admin-released = Freigegeben ({ $at }).
admin-confirmed = Bestätigt ({ $at }).
admin-withdrawn = Zurückgezogen ({ $at }).
admin-limited = Grenze festgelegt ({ $at }).
admin-none = Es gibt nichts aufzulisten.
admin-license-offered = angeboten
admin-license-held = ausgestellt
admin-license-until = { $state }, bis { $at }
admin-license-revoked = widerrufen { $at }
admin-right-timed = { $right } (befristet)
admin-computer-released = freigegeben { $at }
admin-computer-by-time = nach Wartezeit bestätigt
admin-offer-anyone = alle
admin-offer-open = noch nicht
admin-offer-redeemed = { $at } von { $holder }
admin-who-operator = Betreiber
admin-who-time = Wartezeit
admin-did-register = angemeldet
admin-did-confirm = bestätigt
admin-did-refuse = abgelehnt
admin-did-release = freigegeben
admin-did-release-asked = Freigabe beantragt
admin-did-release-over-limit = nicht freigegeben: Jahresgrenze
admin-did-withdraw = Wiederherstellungsschlüssel zurückgezogen
admin-did-redeem = Link eingelöst
admin-did-restore = Lizenzen wiederhergestellt
admin-did-issue = ausgestellt
admin-did-revoke = widerrufen
admin-did-limit = Grenze festgelegt
admin-did-content-key = Inhaltsschlüssel ausgegeben
admin-content-key-secret = Den Inhaltsschlüssel geheim halten: Er öffnet die damit verpackten Dateien ohne Lizenz. Dieser Aufruf steht im Protokoll.
admin-rotated = Der Dienst hat neue Schlüssel (Schlüsselverzeichnis, Version { $version }). Die Computer erhalten sie bei ihrer nächsten Anfrage. Weiter: restow serve { $folder }
admin-keys-many = Das Schlüsselverzeichnis ist fast voll. Ohne --revoke-all lassen sich die Schlüssel { $room ->
    [0] nicht mehr ersetzen.
    [one] noch 1-mal ersetzen.
   *[other] noch { $room }-mal ersetzen.
}
admin-clock = Die Uhr dieses Computers zeigt { $now }, aber das vorige Schlüsselverzeichnis ist vom { $before }. Geht die Uhr falsch, sie vor dem Start des Dienstes stellen.
admin-moved = Die neue Adresse ist veröffentlicht (Schlüsselverzeichnis, Version { $version }). Die alte Adresse in Betrieb lassen, bis alle Computer den Dienst einmal gefragt haben. Schon verkaufte Links bleiben gültig. Weiter: restow serve { $folder }
admin-waits = Das geschieht am { $at }, falls keiner der Computer des Inhabers ablehnt.

## Demo

demo-command = $ { $command }
demo-chapter-shop = Ein Shop verkauft Lizenzen
demo-chapter-a = Computer A: Lizenzen holen, Dateien erfassen, einen Film abspielen
demo-chapter-backup = Computer A: sichern
demo-chapter-lost = Eine Lizenz wird widerrufen, und Computer A geht verloren
demo-chapter-b = Computer B: in zwei Schritten wiederherstellen; dazwischen fällt der Dienst aus
demo-chapter-cd = Computer C und D: wiederherstellen
demo-chapter-e = Der fünfte Computer erreicht die Grenze
demo-chapter-release = Der Shop gibt den verlorenen Computer A frei, und der fünfte kann wiederherstellen
demo-library = { $files } geschützte Dateien in library geschrieben.
demo-book = „{ $title }“ ist aus einer Bibliothek geliehen. In library liegt das Buch mit Lizenz, in downloads ohne.
demo-shop = { $name }, Fingerabdruck { $fingerprint }
demo-listening = Der Dienst ist unter { $url } erreichbar.
demo-issued = { $count } Lizenzen stehen mit einem Link bereit: { $link }
demo-trusted = Vertrauenswürdig: { $name }, Fingerabdruck { $fingerprint }
demo-registered = Angemeldet als { $computer }.
demo-acquired = { $count } Lizenzen sind hier.
demo-scanned = { $files } geschützte Dateien mit { $keys } Schlüssel-IDs; zwei Dateien haben dieselbe Schlüssel-ID.
demo-book-imported = „{ $title }“: Die Lizenz wurde aus dem Buch importiert. Ihre Signatur ist gültig.
demo-used = „{ $title }“ wurde { $used }-mal abgespielt; { $left } übrig.
demo-event = { $status }
demo-event-about = { $status }  { $about }
demo-end = BACKUPRESTORE_END  { $restored } wiederhergestellt, { $here } schon hier, { $refused } abgelehnt, { $pending } ausstehend
demo-restricted = RESTRICTED_LICENSE  { $line }
demo-backed-up = { $count } Lizenzen sind gesichert, { $restricted ->
        [one] 1 kann nicht gesichert werden.
       *[other] { $restricted } können nicht gesichert werden.
    }
demo-revoked = „{ $title }“ ist widerrufen.
demo-reason = Versehentlich verkauft
demo-lost = Computer A, seine Schlüssel und seine Lizenzen sind weg.
demo-consent = Einwilligung nötig für: { $name }, { $origin }, Fingerabdruck { $fingerprint }
demo-killed = Der Dienst wird gewaltsam beendet.
demo-pending = { $count } Lizenzen stehen aus.
demo-book-restored = „{ $title }“ wurde wiederhergestellt: Die Lizenz braucht keinen Dienst.
demo-book-put-back = „{ $title }“ wurde ohne Lizenz erneut heruntergeladen. Restow hat das Buch an seiner Kennung erkannt und die Lizenz hineingelegt.
demo-book-read = „{ $title }“ darf gelesen werden.
demo-left = „{ $title }“: { $left } übrig, wie auf dem verlorenen Computer.
demo-refused = „{ $title }“: { $why }
demo-limit = Die Seite { $url } zeigt die Computer mit der Lizenz: { $computers }
demo-released = Computer A ist freigegeben.
demo-end-well = hat seine Lizenzen
demo-end-lost = verloren und freigegeben
demo-end-limit = Höchstzahl an Computern erreicht
demo-end-after-release = hat seine Lizenzen, nach der Freigabe
demo-sum = Von { $all } Lizenzen wurden { $count } gesichert und { $restored } auf dem neuen Computer wiederhergestellt; { $restricted ->
        [one] 1 darf nicht gesichert werden und wurde aufgelistet.
       *[other] { $restricted } dürfen nicht gesichert werden und wurden aufgelistet.
    }
demo-sum-plays =
    { $left ->
        [one] Der Titel mit begrenzten Nutzungen lässt sich auf dem neuen Computer noch 1-mal abspielen.
       *[other] Der Titel mit begrenzten Nutzungen lässt sich auf dem neuen Computer noch { $left }-mal abspielen.
    }
demo-time = Dauer: { $seconds } Sekunden.
demo-kept = Alle Dateien liegen in { $folder }. { $script } wiederholt die Demo.
column-acquired = geholt
column-restored = wiederhergestellt
column-refused = abgelehnt
column-books = Bücher
column-end = Ergebnis

## Zurücklegen

put-back-document = { $path }: Lizenz für { $title }
put-back-publication = { $path }: Die Lizenz für { $title } ist wieder im Buch
put-back-by-hand = { $path }: Die Lizenz für { $title } ist jetzt im Buch
put-back-replace-ask = { $path } enthält eine andere Ihrer Lizenzen. Durch die Lizenz für { $title } ersetzen? Gehört diese nicht zum Buch, lässt es sich nicht mehr öffnen.
put-back-replace-broken-ask = Die Lizenz in { $path } ist nicht lesbar. Durch die Lizenz für { $title } ersetzen? Gehört diese nicht zum Buch, lässt es sich nicht öffnen.
put-back-replace-disputed-ask = { $path } enthält eine abweichende Fassung einer Ihrer Lizenzen. Restow erkennt nicht, welche die richtige ist, und hat keine Kopie dieser Fassung. Durch die Lizenz für { $title } ersetzen? Gehört diese nicht zum Buch, lässt es sich nicht mehr öffnen.
put-back-refreshed = { $path }: Die Lizenz für { $title } wurde durch eine bessere Fassung ersetzt
put-back-better = { $path }: Das Buch enthält eine bessere Fassung der Lizenz für { $title } (neuer, oder mit stärkerer Signatur). Um sie zu importieren: restow import { $file }
put-back-disputed = { $path }: bleibt unverändert: Das Buch enthält eine abweichende Fassung der Lizenz für { $title }. Restow erkennt nicht, welche die richtige ist. Um die Fassung im Buch zu importieren: restow import { $file } (wenn Sie dem Anbieter vertrauen, zuerst: restow roots add ZERTIFIKAT). Um Ihre in das Buch zu legen: restow put-back { $file } --license { $license }
put-back-disputed-document = { $path }: bleibt unverändert: Die Datei ist eine abweichende Fassung der Lizenz für { $title }. Restow erkennt nicht, welche die richtige ist. Um die Fassung in der Datei zu importieren: restow import { $file } (wenn Sie dem Anbieter vertrauen, zuerst: restow roots add ZERTIFIKAT). Um Ihre zu verwenden, die Datei zuerst woandershin verschieben.
put-back-already = { $path }: Die Lizenz für { $title } ist schon im Buch
put-back-fetched = { $path }: { $title } wurde mit Lizenz heruntergeladen
put-back-left = { $path }: bleibt unverändert: { $why }
put-back-left-by-hand = { $path }: bleibt unverändert: { $why }. Um die Lizenz für { $title } in das Buch zu legen: restow put-back { $file } --license { $license }
put-back-folder = { $path }: In diesen Ordner kann nicht geschrieben werden: { $why }
put-back-perhaps = { $path } hat keine Lizenz. Vielleicht passt die Lizenz für { $title }. Wenn ja: restow put-back { $file } --license { $license }
put-back-not-usable = { $title } wurde nicht zurückgelegt: { $why }
put-back-missing =
    { $count ->
        [one] Zu 1 Lizenz fehlt hier das Buch:
       *[other] Zu { $count } Lizenzen fehlt hier das Buch:
    }
put-back-missing-item = { $title }: { $why }
put-back-missing-at = { $title }: { $why }. Das Buch gibt es bei { $url }
put-back-size-unknown = Größe unbekannt
put-back-ask = { $title } ist nicht hier. Von { $host } herunterladen ({ $size })? Restow prüft das Buch mit der Prüfsumme in der Lizenz.
put-back-ask-unchecked = { $title } ist nicht hier. Von { $host } herunterladen ({ $size })? Restow kann es nicht prüfen: Die Lizenz hat keine Prüfsumme.
put-back-done =
    { $count ->
        [one] 1 Datei wurde geschrieben
       *[other] { $count } Dateien wurden geschrieben
    }{ $here ->
        [0] .
        [one] ; 1 war schon richtig.
       *[other] ; { $here } waren schon richtig.
    }
put-back-elsewhere =
    { $count ->
        [one] 1 Buch in einem anderen Ordner hat keine Lizenz. Um es einzubeziehen: restow put-back
       *[other] { $count } Bücher in anderen Ordnern haben keine Lizenz. Um sie einzubeziehen: restow put-back
    }
put-back-failed =
    { $count ->
        [one] 1 Datei konnte nicht gelesen, geschrieben oder heruntergeladen werden.
       *[other] { $count } Dateien konnten nicht gelesen, geschrieben oder heruntergeladen werden.
    }
