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
    .verbose = Jede Warnung zeigen, nicht nur die ersten drei jeder Art
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
    .new = Eine neue Sicherung beginnen, wenn die dieses Computers dort fehlt
    .shared = Alle Benutzer dieses Computers die Sicherung lesen lassen
    .include = Eine Lizenz wieder sichern, die aus der Sicherung entfernt wurde
help-restore = Lizenzen aus einer Sicherung wiederherstellen
    .location = Ordner oder Laufwerk mit der Sicherung
    .dry-run = Das Ergebnis zeigen; nichts ändern, keinen Dienst und keinen Anbieter fragen
    .only = Nur diese Lizenz-IDs
    .register = Einwilligen, dass dieser Computer bei den nötigen Diensten angemeldet wird
    .ask-providers = Einwilligen, dass die Anbieter der LCP-Lizenzen gefragt werden
    .adopt = Lizenzen eines anderen Inhabers übernehmen: einer anderen Person, oder Ihre eigenen aus der Zeit vor der Anmeldung dieses Computers
    .set = Nur dieser Satz, nach Computername oder Anfang der ID
    .generation = Diese Generation statt der neuesten, eine Zahl ab 1
    .name = Name dieses Computers, falls er angemeldet werden muss
help-backups = Bekannte Sicherungen auflisten, oder die Sicherungen an einem Ort
    .location = Ordner oder Laufwerk mit Sicherungen
    .remove = Einen Ort vergessen, auch einen nicht angeschlossenen; seine Dateien bleiben
    .yes = Nicht fragen
help-show = Die Lizenzen in einer Sicherung zeigen, und welche darin fehlen
    .location = Ordner oder Laufwerk mit der Sicherung
    .set = Nur dieser Satz, nach Computername oder Anfang der ID
    .generation = Diese Generation statt der neuesten, eine Zahl ab 1
help-export = Lizenzen als Dateien schreiben, für Leseprogramme und andere Programme
    .location = Ordner oder Laufwerk mit einer Sicherung; ohne Angabe die Lizenzen auf diesem Computer
    .folder = Ordner für die Dateien; vorhandene Dateien bleiben unverändert
    .set = Nur dieser Satz der Sicherung, nach Computername oder Anfang der ID
    .generation = Diese Generation der Sicherung statt der neuesten, eine Zahl ab 1
help-put-back = LCP-Lizenzen in und neben ihre Bücher legen, wo Leseprogramme sie suchen
    .path = Ordner mit Ihren Büchern; ohne Angabe die erfassten Ordner. Mit --license ein Buch
    .fetch = Einwilligen, dass fehlende Bücher heruntergeladen werden, wenn die Lizenz eine Prüfsumme und höchstens 4 GiB nennt
    .license = Diese Lizenz in das Buch legen
    .issuer = Aussteller der Lizenz, falls mehrere Anbieter diese ID verwenden
    .dry-run = Zeigen, was sich ändern würde, und nichts ändern
    .yes = Bücher ohne Rückfrage ändern (Downloads: --fetch). Mit --license: eine andere Lizenz im Buch ersetzen
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
    .source = Das Zertifikat, in PEM oder DER; oder edrlab, um das Zertifikat von EDRLab herunterzuladen
    .from = Das Zertifikat von dieser Adresse herunterladen; seine SHA-256 muss die bekannte sein
    .yes = Ohne Rückfrage herunterladen
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
    .not-before = Beginn der Lizenz: ein Datum wie 2030-12-31 (ab seinem Beginn in UTC) oder eine Zeit wie 2030-12-31T12:00:00Z
    .expires = Ende der Lizenz: ein Datum wie 2030-12-31 (bis zu seinem Ende in UTC) oder eine Zeit wie 2030-12-31T12:00:00Z
    .reference = Nummer des Kunden oder der Bestellung; der Kunde sieht sie und nennt sie Ihnen
    .note = Notiz für Sie; kein Kunde sieht sie
    .link-days = Wie viele Tage der Link gilt, 1 bis 3650 [die Einstellung link_days: 30]
    .holder = Nur diesen Inhaber den Link einlösen lassen
    .folder = Ordner des Dienstes, mit seiner Adresse und seinem API-Schlüssel
    .url = Adresse des Dienstes (oder RESTOW_SERVICE_URL; den Schlüssel dann in RESTOW_API_KEY angeben)
help-admin-withdraw-link = Einen Link zurückziehen, der noch nicht eingelöst ist
    .offer = Die Angebots-ID, ihre ersten Zeichen oder die Kundennummer
    .folder = Ordner des Dienstes
    .url = Adresse des Dienstes
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
    .search = Nur Einträge mit diesem Text in Kundennummer, Notiz, Titel, Name, Einzelheiten oder ID
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
value-file-edrlab = DATEI|edrlab
value-offer = ANGEBOT

## Fehler des Befehls selbst

error-label = restow:

## Kleine Wörter

answer-hint = [j/N]
answer-yes = j ja y yes
word-stdin = Standardeingabe
answer-hint-each = [j/N] (oder: alle, keine)
answer-all = a alle all
answer-none = k keine none
word-never = nie
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
column-disk = Datenträger
column-checked = zuletzt zurückgelesen
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
column-reference = Kundennummer
column-note = Notiz
column-for = für
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
usability-unknown = unbekannt
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
amount-print-unknown = Druckseiten: unbekannt
amount-copy-unknown = kopierbare Zeichen: unbekannt
amount-copy =
    { $count ->
        [0] nichts darf kopiert werden
        [one] 1 Zeichen darf kopiert werden
       *[other] { $count } Zeichen dürfen kopiert werden
    }
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
notice-this-computer-released = Dieser Computer, „{ $name }“, wurde freigegeben ({ $at }). Seine Lizenzen bleiben in Ihren Sicherungen. Um sie hier wieder zu nutzen, eine mit --register wiederherstellen.
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
scan-not-examined = Noch nicht untersucht, also nicht sicher frei: { $kinds }
scan-unknown =
    { $count ->
        [one] Bei 1 Datei erkennt Restow nicht, ob sie geschützt ist.
       *[other] Bei { $count } Dateien erkennt Restow nicht, ob sie geschützt sind.
    }
scan-vouchers =
    { $count ->
        [one] 1 Abrufdatei ist keine Lizenz, und Restow kann sie nicht sichern. Was Sie tun können: restow file DATEI
       *[other] { $count } Abrufdateien sind keine Lizenzen, und Restow kann sie nicht sichern. Was Sie tun können: restow file DATEI
    }
scan-documents =
    { $count ->
        [one] 1 Lizenzdokument ist noch nicht importiert: restow import { $path }
       *[other] { $count } Lizenzdokumente sind noch nicht importiert: restow import { $path }
    }
scan-warnings-more =
    { $count ->
        [one] 1 weitere Datei hat dasselbe Problem wie { $path }. Alle zeigt --verbose.
       *[other] { $count } weitere Dateien haben dasselbe Problem wie { $path }. Alle zeigt --verbose.
    }
kind-archive =
    { $count ->
        [one] 1 anderes Archiv
       *[other] { $count } andere Archive
    }
kind-audio =
    { $count ->
        [one] 1 andere Tondatei
       *[other] { $count } andere Tondateien
    }
kind-image =
    { $count ->
        [one] 1 Bild
       *[other] { $count } Bilder
    }
kind-json =
    { $count ->
        [one] 1 JSON-Dokument
       *[other] { $count } JSON-Dokumente
    }
kind-manifest =
    { $count ->
        [one] 1 Streaming-Manifest
       *[other] { $count } Streaming-Manifeste
    }
kind-matroska =
    { $count ->
        [one] 1 Matroska-Datei
       *[other] { $count } Matroska-Dateien
    }
kind-mp3 =
    { $count ->
        [one] 1 MP3-Datei
       *[other] { $count } MP3-Dateien
    }
kind-mp4 =
    { $count ->
        [one] 1 MP4-Datei
       *[other] { $count } MP4-Dateien
    }
kind-oma =
    { $count ->
        [one] 1 OMA-DRM-Datei
       *[other] { $count } OMA-DRM-Dateien
    }
kind-video =
    { $count ->
        [one] 1 andere Filmdatei
       *[other] { $count } andere Filmdateien
    }
kind-zip =
    { $count ->
        [one] 1 ZIP-Archiv
       *[other] { $count } ZIP-Archive
    }
kind-other =
    { $count ->
        [one] 1 andere Datei
       *[other] { $count } andere Dateien
    }
scan-malformed =
    { $count ->
        [one] 1 Datei ist beschädigt oder ungewöhnlich.
       *[other] { $count } Dateien sind beschädigt oder ungewöhnlich.
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
file-unknown-because = Restow erkennt nicht, ob diese Datei geschützt ist: { $why }
file-not-examined = Solche Dateien untersucht Restow noch nicht: { $kind }
file-key = Schlüssel-ID: { $key } (Windows Media: { $kid })
file-url = Lizenzadresse in der Datei: { $url }
file-license = Lizenz: { $license } für { $title }: { $status }
file-no-license = Für diese Datei gibt es hier keine Lizenz. Eine Lizenz holen (restow acquire DATEI), oder eine Sicherung wiederherstellen.
file-cannot-be-saved =
    { $system ->
        [adept] Die Lizenz liegt in Ihrem Adobe-Konto. Restow kann sie nicht holen oder sichern. Das Buch mit Adobe Digital Editions öffnen oder im Shop oder in der Bibliothek neu holen.
        [audible] Die Lizenz liegt in Ihrem Audible-Konto. Restow kann sie nicht holen oder sichern. Das Hörbuch mit der Audible-App öffnen oder dort neu herunterladen.
        [fairplay] Die Lizenz liegt in Ihrem Apple-Konto. Restow kann sie nicht holen oder sichern. Die Datei mit einer Apple-App öffnen oder dort neu herunterladen.
        [kindle] Die Lizenz liegt in Ihrem Amazon-Konto. Restow kann sie nicht holen oder sichern. Das Buch mit einer Kindle-App öffnen oder dort neu herunterladen.
        [kobo] Die Lizenz liegt in Ihrem Kobo-Konto. Restow kann sie nicht holen oder sichern. Das Buch mit einer Kobo-App öffnen oder dort neu herunterladen.
        [playready] Lizenzen von PlayReady sind an ein Gerät gebunden. Kein Programm kann sie holen oder sichern. Beim Shop nachfragen, aus dem die Datei stammt.
        [wmdrm] Lizenzen von Windows Media DRM sind an ein Gerät gebunden. Kein Programm kann sie holen oder sichern. Beim Shop nachfragen, aus dem die Datei stammt.
       *[other] Restow kann die Lizenz dieser Datei nicht holen oder sichern. Beim Shop oder bei der Bibliothek nachfragen, aus der die Datei stammt.
    }
file-is-voucher =
    { $format ->
        [acsm] Das ist eine Abrufdatei von Adobe, mit der eine Lese-App ein Buch einmal abholt. Sie ist keine Lizenz, und Restow kann sie nicht sichern. Sie mit Adobe Digital Editions öffnen oder im Shop oder in der Bibliothek neu holen.
        [audible-voucher] Das ist eine Schlüsseldatei von Audible zu einem Hörbuch. Sie ist keine Lizenz, die Restow sichern kann. Das Hörbuch bei Audible neu herunterladen.
       *[kindle-voucher] Das ist eine Schlüsseldatei von Kindle zu einem Buch. Sie ist keine Lizenz, die Restow sichern kann. Das Buch mit einer Kindle-App neu herunterladen.
    }

root-name = { $name }
root-subject = { "  " }{ $subject }
root-fingerprint = { "  " }Fingerabdruck { $fingerprint }
root-valid = { "  " }gültig von { $from } bis { $until }
root-distrusted = { "  " }nicht vertrauenswürdig: Seine Lizenzen bleiben erhalten, gelten als ungültig und ersetzen nie andere
root-none = Sie vertrauen noch keinem Stammzertifikat. Ohne eines kann Restow nicht prüfen, wer eine Lizenz signiert hat. Für die meisten Bibliotheken und Shops: restow roots add edrlab. Für andere: restow roots add DATEI
root-added = { $name } gilt jetzt als vertrauenswürdig.
root-is-known = Das ist das Zertifikat von { $name }: Seine SHA-256 ist die bekannte. Die meisten Bibliotheken und Shops mit LCP-Lizenzen verwenden es.
root-namesake = Dieses Zertifikat trägt den Namen von { $name }, ist aber ein anderes. Einen solchen Namen kann jeder hineinschreiben. Um es zu entfernen: restow roots remove FINGERABDRUCK
root-same-name = Sie vertrauen auch einem anderen Zertifikat namens { $name } (Fingerabdruck { $fingerprint }). Beide zählen. Falls eines nicht stimmt: restow roots remove FINGERABDRUCK
root-fetch-ask = Das Zertifikat von { $name } von { $origin } herunterladen? Nur das Zertifikat mit der bekannten SHA-256 wird angenommen. ({ $url })
root-removed = { $name } wurde von der Liste gestrichen.

import-new = { $path }: { $title } importiert
import-newer = { $path }: { $title } importiert, neuer als bisher
import-longer = { $path }: { $title } importiert. Diese Fassung ersetzt eine mit gleichem Datum, die nicht später endet.
import-longer-here = { $path }: { $title } ist schon hier, in anderer Fassung mit gleichem Datum, die nicht früher endet.
import-already-here = { $path }: { $title } ist schon hier
import-refused = { $path }: nicht importiert: { $why }
import-done = { $imported } importiert, { $here } schon hier, { $refused } nicht importiert.
signature-invalid = Die Lizenz für { $title } ist ungültig: { $why }
license-warning = Die Lizenz für { $title }: { $text }
signature-unknown-root =
    { $count ->
        [one] 1 Lizenz hat eine Signatur, deren Stammzertifikat Sie noch nicht vertrauen. Für die meisten Bibliotheken und Shops: restow roots add edrlab. Für andere: restow roots add DATEI
       *[other] { $count } Lizenzen haben Signaturen, deren Stammzertifikaten Sie noch nicht vertrauen. Für die meisten Bibliotheken und Shops: restow roots add edrlab. Für andere: restow roots add DATEI
    }
import-next = Weiter: restow backup { $location }

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
date = { $day }.{ $month }.{ $year }
date-time = { $date }, { $clock }
license-found-ask = { $title } ({ $license }) verwenden?
candidate = {"  "}„{ $title }“  { $license }  { $issuer }
candidate-untitled = {"  "}{ $license }  { $issuer }
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
can-unknown = Restow erkennt nicht, ob { $path } geschützt ist: { $why }
can-other-kind = Restow erkennt nicht, ob { $path } geschützt ist. Solche Dateien untersucht es noch nicht: { $kind }. Wenn die Schlüssel-ID bekannt ist: restow can SCHLÜSSELID
can-no-key-id = { $path } ist geschützt ({ $systems }). Restow erkennt nicht, was die Lizenz erlaubt.
can-voucher = { $path } ist eine Abruf- oder Schlüsseldatei und enthält nichts zum Öffnen.
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
can-read =
    { $right ->
        [Play] Ja: „{ $title }“ darf geöffnet werden.
        [Print] Ja: „{ $title }“ darf gedruckt werden.
        [Copy] Ja: Text aus „{ $title }“ darf kopiert werden.
       *[other] Ja: { $right } ist für „{ $title }“ erlaubt.
    }
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
facts-warning = Hinweis: { $text }
facts-readers-count = Gedruckte Seiten und kopierte Zeichen zählen die Leseprogramme, nicht Restow.
facts-used =
    { $count ->
        [one] Auf allen Computern gezählt: { $right } wurde 1-mal genutzt.
       *[other] Auf allen Computern gezählt: { $right } wurde { $count }-mal genutzt.
    }
facts-signature-verified = Die Signatur ist gültig.
facts-signature-unknown-root = Die Signatur ist gültig, aber ihrem Stammzertifikat vertrauen Sie noch nicht. Für die meisten Bibliotheken und Shops: restow roots add edrlab
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
acquire-next = Weiter: restow scan ORDNER erfasst die Titel Ihrer Dateien; dann restow backup { $location }

## Überblick

status-verdict =
    { $safe ->
        [0] Keine Lizenz ist sicher
        [one] 1 Lizenz ist sicher
       *[other] { $safe } Lizenzen sind sicher
    }, { $risk ->
        [0] keine ist in Gefahr
        [one] 1 ist in Gefahr
       *[other] { $risk } sind in Gefahr
    }{ $lost ->
        [0] .
        [one] , 1 ist nicht zu sichern.
       *[other] , { $lost } sind nicht zu sichern.
    }
status-only-files =
    Auf diesem Computer ist keine Lizenz. { $lost ->
        [one] 1 geschützte Datei ist nicht zu sichern.
       *[other] { $lost } geschützte Dateien sind nicht zu sichern.
    }
disk-other_disk = anderer
disk-other_machine = anderer Rechner
disk-same_disk = dieses Computers
disk-memory = Arbeitsspeicher
disk-unknown = unbekannt
location-away = nicht angeschlossen, zuletzt gesehen { $at }
location-gone = ja; leer
location-damaged = ja; beschädigt, neu sichern
location-older = ja; älterer Stand, neu sichern
location-replaced = ja; andere Sicherung
status-withdrawn = Der Wiederherstellungsschlüssel der Sicherung in { $location } gilt nicht mehr. Neu sichern.
risk-no_backup =
    In Gefahr: { $count ->
        [one] 1 ist in keiner Sicherung:
       *[other] { $count } sind in keiner Sicherung:
    }
risk-same_disk =
    In Gefahr: { $count ->
        [one] Die Sicherung von 1 liegt auf einer Festplatte dieses Computers und geht mit ihr verloren:
       *[other] Die Sicherungen von { $count } liegen auf einer Festplatte dieses Computers und gehen mit ihr verloren:
    }
risk-memory =
    In Gefahr: { $count ->
        [one] Die Sicherung von 1 liegt im Arbeitsspeicher und geht beim Neustart verloren:
       *[other] Die Sicherungen von { $count } liegen im Arbeitsspeicher und gehen beim Neustart verloren:
    }
risk-disk_unknown =
    In Gefahr: { $count ->
        [one] Die Sicherung von 1 liegt vielleicht auf einer Festplatte dieses Computers. Restow kann es nicht feststellen:
       *[other] Die Sicherungen von { $count } liegen vielleicht auf einer Festplatte dieses Computers. Restow kann es nicht feststellen:
    }
risk-not_seen =
    In Gefahr: { $count ->
        [one] Die Sicherung von 1 war lange nicht angeschlossen:
       *[other] Die Sicherungen von { $count } waren lange nicht angeschlossen:
    }
risk-not_read_back =
    In Gefahr: { $count ->
        [one] Die Sicherung von 1 wurde lange nicht gelesen und geprüft:
       *[other] Die Sicherungen von { $count } wurden lange nicht gelesen und geprüft:
    }
risk-date_in_future =
    In Gefahr: { $count ->
        [one] Die letzte Prüfung der Sicherung von 1 liegt in der Zukunft. Geht die Uhr richtig?
       *[other] Die letzten Prüfungen der Sicherungen von { $count } liegen in der Zukunft. Geht die Uhr richtig?
    }
risk-key_withdrawn =
    In Gefahr: { $count ->
        [one] Der Wiederherstellungsschlüssel in der Sicherung von 1 gilt nicht mehr:
       *[other] Der Wiederherstellungsschlüssel in den Sicherungen von { $count } gilt nicht mehr:
    }
risk-older_state =
    In Gefahr: { $count ->
        [one] An der Stelle der Sicherung von 1 liegt eine ältere Kopie:
       *[other] An der Stelle der Sicherungen von { $count } liegt eine ältere Kopie:
    }
risk-replaced =
    In Gefahr: { $count ->
        [one] An der Stelle der Sicherung von 1 liegt eine andere Sicherung:
       *[other] An der Stelle der Sicherungen von { $count } liegt eine andere Sicherung:
    }
risk-damaged =
    In Gefahr: { $count ->
        [one] Die Sicherung von 1 ist beschädigt:
       *[other] Die Sicherungen von { $count } sind beschädigt:
    }
risk-gone =
    In Gefahr: { $count ->
        [one] Die Sicherung von 1 liegt nicht mehr an ihrer Stelle:
       *[other] Die Sicherungen von { $count } liegen nicht mehr an ihrer Stelle:
    }
risk-removed_from_backup =
    In Gefahr: { $count ->
        [one] 1 haben Sie aus der Sicherung entfernt. Um sie wieder zu sichern, neu importieren: restow import DATEI
       *[other] { $count } haben Sie aus den Sicherungen entfernt. Um sie wieder zu sichern, neu importieren: restow import DATEI
    }
risk-pending =
    In Gefahr: { $count ->
        [one] 1 wartet auf ihren Dienst und ist noch nicht nutzbar. Noch einmal wiederherstellen:
       *[other] { $count } warten auf ihre Dienste und sind noch nicht nutzbar. Noch einmal wiederherstellen:
    }
risk-refused =
    In Gefahr: { $count ->
        [one] 1 hat der Dienst abgelehnt. Warum: restow why LIZENZ
       *[other] { $count } hat der Dienst abgelehnt. Warum: restow why LIZENZ
    }
risk-invalid =
    In Gefahr: { $count ->
        [one] 1 ist ungültig, Leseprogramme lehnen sie ab. Warum: restow licenses --check
       *[other] { $count } sind ungültig, Leseprogramme lehnen sie ab. Warum: restow licenses --check
    }
risk-other_computer =
    In Gefahr: { $count ->
        [one] 1 gehört zu einem anderen Computer, von dem dieser Bestand kopiert wurde:
       *[other] { $count } gehören zu einem anderen Computer, von dem dieser Bestand kopiert wurde:
    }
risk-unreadable =
    In Gefahr: { $count ->
        [one] 1 ist nicht lesbar:
       *[other] { $count } sind nicht lesbar:
    }
status-restricted =
    { $count ->
        [one] 1 Lizenz darf nicht gesichert werden:
       *[other] { $count } Lizenzen dürfen nicht gesichert werden:
    }
status-unsavable =
    { $count ->
        [one] Die Lizenz von 1 geschützten Datei kann kein Programm sichern. Sie ist an ein Gerät oder Konto gebunden:
       *[other] Die Lizenzen von { $count } geschützten Dateien kann kein Programm sichern. Sie sind an ein Gerät oder Konto gebunden:
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
status-next-backup = Weiter: restow backup { $location }
status-next-connect = Weiter: den Datenträger der Sicherung anschließen, dann: restow backup { $location }
status-next-drive = Weiter: einen Datenträger anschließen, der nicht zu diesem Computer gehört, dann: restow backup { $location }
status-next-verify = Weiter: die Sicherung prüfen mit restow verify { $location }
status-next-connect-verify = Weiter: den Datenträger der Sicherung anschließen, dann: restow verify { $location }

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
backup-gone-ask = { $text } Dort eine neue Sicherung beginnen?
backup-rewritten =
    { $count ->
        [one] 1 Lizenz war in der Sicherung beschädigt und wurde neu geschrieben:
       *[other] { $count } Lizenzen waren in der Sicherung beschädigt und wurden neu geschrieben:
    }
backup-unreadable =
    { $count ->
        [one] Der Datenträger gibt 1 Lizenz nicht so zurück, wie sie geschrieben wurde:
       *[other] Der Datenträger gibt { $count } Lizenzen nicht so zurück, wie sie geschrieben wurden:
    }
backup-lost =
    { $count ->
        [one] 1 Lizenz ist in der Sicherung beschädigt und nicht auf diesem Computer:
       *[other] { $count } Lizenzen sind in der Sicherung beschädigt und nicht auf diesem Computer:
    }
backup-lost-unnamed =
    { $count ->
        [one] {"  "}1 Lizenz, deren Titel nicht lesbar ist
       *[other] {"  "}{ $count } Lizenzen, deren Titel nicht lesbar sind
    }
backup-left-out =
    { $count ->
        [one] 1 Lizenz bleibt draußen, weil Sie sie aus dieser Sicherung entfernt haben:
       *[other] { $count } Lizenzen bleiben draußen, weil Sie sie aus dieser Sicherung entfernt haben:
    }
backup-include = Um sie wieder zu sichern: restow backup { $location } --include { $license }
backup-carried =
    { $count ->
        [one] 1 Lizenz ist nur in der Sicherung, nicht auf diesem Computer. Um sie zurückzuholen: restow restore { $location } – um sie aus der Sicherung zu entfernen: restow forget LIZENZ --from { $location }
       *[other] { $count } Lizenzen sind nur in der Sicherung, nicht auf diesem Computer. Um sie zurückzuholen: restow restore { $location } – um eine aus der Sicherung zu entfernen: restow forget LIZENZ --from { $location }
    }
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
restore-provider-not-asked = {"  "}Er wurde nicht gefragt, weil hier keine Rückfrage möglich ist. Später: restow refresh; oder mit --ask-providers einwilligen.
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
provider-unknown-root =
    { $count ->
        [one] Dem Stammzertifikat hinter 1 dieser Anbieter vertrauen Sie noch nicht. Seine Adresse mit der bekannten vergleichen.
       *[other] Den Stammzertifikaten hinter { $count } dieser Anbieter vertrauen Sie noch nicht. Ihre Adressen mit den bekannten vergleichen.
    } Für die meisten Bibliotheken und Shops: restow roots add edrlab
provider-only-by-hand = {"  "}Seine Adresse ist nicht öffentlich. Wenn sie stimmt, den Kontakt selbst erlauben: restow provider allow { $url }
provider-ask = Den Kontakt mit { $origin } erlauben?
provider-not-asked = { $url } wurde nicht gefragt. Um den Kontakt zu erlauben: restow provider allow { $url }
provider-allowed = Der Kontakt mit { $origin } ist erlaubt.
provider-unused = Keine Lizenz hier nennt { $origin }. Falls Sie eine erwartet haben, die Schreibweise prüfen: restow provider
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
loan-return-page = {"  "}auf dieser Seite zurückzugeben: { $url }
loan-returnable = {"  "}kann zurückgegeben werden: restow return { $license }
loan-refreshed = {"  "}Eine neuere Lizenz wurde empfangen. Neu sichern.
loan-not-answered = { $title }: { $why }
return-ask = { $title } ({ $license }) zurückgeben? Die Lizenz öffnet danach nichts mehr.
refresh-passed-over = { $count ->
    [one] Nach 1 Lizenz wurde nicht gefragt; der Grund steht oben.
   *[other] Nach { $count } Lizenzen wurde nicht gefragt; die Gründe stehen oben. Alle zeigt: restow refresh --json
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
restore-only-unknown = Die Sicherung hat keine Lizenz „{ $license }“.
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
service-next = Weiter: mit einer Sicherung restow restore { $location }, ohne Sicherung restow computer register.
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
computer-withdraw-ask = Auch die Wiederherstellungsschlüssel in den Sicherungen von { $name } zurückziehen? Das ist ratsam, wenn eine davon in fremden Händen sein kann.
computer-keys-withdrawn = Die Wiederherstellungsschlüssel in den Sicherungen von { $name } wurden zurückgezogen.
computer-keys-work = Mit den Wiederherstellungsschlüsseln in seinen Sicherungen können sich weiterhin neue Computer anmelden, zunächst unbestätigt. Um das zu beenden: restow computer withdraw-key { $computer }
computer-confirmed = { $name } ist bestätigt.
computer-refused = { $name } wurde abgelehnt.
computer-release-refused = Die Freigabe von { $name } wurde abgelehnt. Der Computer behält seine Lizenzen.
computer-withdrawn = Die Wiederherstellungsschlüssel von { $name } wurden zurückgezogen. Dort neu sichern.

## Sicherungen

backups-none = Dieser Computer hat noch keine Sicherung. Weiter: restow backup { $location }
backups-remove-one = { $location }: Sicherung { $set }, Generation { $generation } vom { $at }
backups-remove-ask =
    { $count ->
        [one] Diesen Ort vergessen? Seine Dateien bleiben, aber seine Lizenzen gelten dort nicht mehr als gesichert.
       *[other] Diese { $count } Orte vergessen? Ihre Dateien bleiben, aber ihre Lizenzen gelten dort nicht mehr als gesichert.
    }
backups-removed = Vergessen. Die Dateien sind unverändert. Welche Lizenzen nun in Gefahr sind, zeigt: restow status
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
serve-open = Andere Computer erreichen { $address } ohne TLS. Mit --listen 127.0.0.1:PORT hinter einem TLS-Proxy starten.
serve-ended = Der Dienst ist beendet.
admin-made = Der Dienst ist in { $folder } eingerichtet.
admin-made-next = root.key an einen sicheren Ort bringen, den Fingerabdruck veröffentlichen, dann: restow serve { $folder }
admin-issued =
    { $count ->
        [one] 1 Lizenz steht bereit. Wer diesen Link zuerst benutzt, erhält sie:
       *[other] { $count } Lizenzen stehen bereit. Wer diesen Link zuerst benutzt, erhält sie:
    }
admin-issued-add = Die Adresse des Dienstes ist nicht öffentlich. Der Inhaber muss ihn zuerst hinzufügen: restow service add { $url }
admin-issued-next = Der Link gilt einmal, bis { $at }. Der Inhaber gibt ein: restow acquire LINK
admin-link-withdrawn = Der Link wurde zurückgezogen ({ $at }).
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
admin-offer-open = offen
admin-offer-until = offen bis { $at }
admin-offer-expired = abgelaufen { $at }
admin-offer-withdrawn = zurückgezogen { $at }
admin-offer-redeemed = eingelöst { $at } von { $holder }
admin-who-operator = Betreiber
admin-who-time = Wartezeit
admin-who-unknown = unbekannt
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
admin-did-withdraw-link = Link zurückgezogen
admin-did-refused = Aufruf abgelehnt
admin-did-content-key = Inhaltsschlüssel ausgegeben
admin-content-key-secret = Den Inhaltsschlüssel geheim halten: Er öffnet die damit verpackten Dateien ohne Lizenz. Dieser Aufruf steht im Protokoll.
admin-rotated = Der Dienst hat neue Schlüssel (Schlüsselverzeichnis, Version { $version }). Die Computer erhalten sie bei ihrer nächsten Anfrage. Weiter: restow serve { $folder }
admin-keys-many = Das Schlüsselverzeichnis ist fast voll. Ohne --revoke-all lassen sich die Schlüssel { $room ->
    [0] nicht mehr ersetzen.
    [one] noch 1-mal ersetzen.
   *[other] noch { $room }-mal ersetzen.
}
admin-clock = Die Uhr dieses Computers zeigt { $now }, aber das vorige Schlüsselverzeichnis ist vom { $before }. Geht die Uhr falsch, sie vor dem Start des Dienstes stellen.
admin-moved = Die neue Adresse ist veröffentlicht (Schlüsselverzeichnis, Version { $version }). Die alte Adresse in Betrieb lassen, bis alle Computer den Dienst einmal gefragt haben. Weiter: restow serve { $folder }
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
put-back-would-document = { $path }: Lizenz für { $title } würde geschrieben
put-back-would-publication = { $path }: Die Lizenz für { $title } käme in das Buch
put-back-would-refresh = { $path }: Die Lizenz für { $title } würde durch eine bessere Fassung ersetzt
put-back-would-fetch = { $title } ist nicht hier. Restow würde nach einem Download von { $host } fragen ({ $size })
put-back-changes-ask = Lizenzen in { $books ->
        [0] kein Buch
        [one] 1 Buch
       *[other] { $books } Bücher
    } legen und { $documents ->
        [0] keine Lizenzdatei
        [one] 1 Lizenzdatei
       *[other] { $documents } Lizenzdateien
    } schreiben? Sonst ändert sich in den Büchern nichts.
put-back-would =
    { $count ->
        [one] 1 Datei würde geschrieben
       *[other] { $count } Dateien würden geschrieben
    }{ $here ->
        [0] . Es wurde nichts geändert.
        [one] ; 1 ist schon richtig. Es wurde nichts geändert.
       *[other] ; { $here } sind schon richtig. Es wurde nichts geändert.
    }
put-back-kept =
    { $count ->
        [one] 1 Buch ließ sich nicht ohne Verlust ändern und ist, wie es war.
       *[other] { $count } Bücher ließen sich nicht ohne Verlust ändern und sind, wie sie waren.
    }
put-back-perhaps-several = { $path } hat keine Lizenz. { $count } Lizenzen könnten passen, daher wurde keine hineingelegt. Die richtige auswählen:
put-back-perhaps-item = { $title } ({ $id }): restow put-back { $file } --license { $license }
put-back-better-document = { $path }: Diese Lizenzdatei ist eine bessere Fassung der Lizenz für { $title } (neuer, oder mit stärkerer Signatur). Um sie zu importieren: restow import { $file }
put-back-replace-ask = { $path } enthält eine andere Ihrer Lizenzen. Durch die Lizenz für { $title } ersetzen? Mit der falschen Lizenz lässt sich das Buch nicht öffnen.
put-back-replace-broken-ask = Die Lizenz in { $path } ist nicht lesbar. Durch die Lizenz für { $title } ersetzen? Mit der falschen Lizenz lässt sich das Buch nicht öffnen.
put-back-replace-disputed-ask = { $path } enthält eine abweichende Fassung einer Ihrer Lizenzen. Restow erkennt nicht, welche die richtige ist, und hat keine Kopie dieser Fassung. Durch die Lizenz für { $title } ersetzen? Mit der falschen Lizenz lässt sich das Buch nicht öffnen.
put-back-refreshed = { $path }: Die Lizenz für { $title } wurde durch eine bessere Fassung ersetzt
put-back-better = { $path }: Das Buch enthält eine bessere Fassung der Lizenz für { $title } (neuer, oder mit stärkerer Signatur). Um sie zu importieren: restow import { $file }
put-back-disputed = { $path }: bleibt unverändert: Das Buch enthält eine abweichende Fassung der Lizenz für { $title }. Restow erkennt nicht, welche die richtige ist. Um die Fassung im Buch zu importieren: restow import { $file }. Um Ihre in das Buch zu legen: restow put-back { $file } --license { $license }
put-back-disputed-document = { $path }: bleibt unverändert: Die Datei ist eine abweichende Fassung der Lizenz für { $title }. Restow erkennt nicht, welche die richtige ist. Um die Fassung in der Datei zu importieren: restow import { $file }. Um Ihre zu verwenden, die Datei zuerst woandershin verschieben.
put-back-already = { $path }: Die Lizenz für { $title } ist schon im Buch
put-back-fetched = { $path }: { $title } wurde mit Lizenz heruntergeladen
put-back-left = { $path }: bleibt unverändert: { $why }
put-back-left-by-hand = { $path }: bleibt unverändert: { $why }. Um die Lizenz für { $title } in das Buch zu legen: restow put-back { $file } --license { $license }
put-back-uncertain = { $path }: { $why }
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
