### Texte von restow: eine Nachricht je Code. `help` ist der nächste Schritt.
### Ein Text ohne Punkt am Ende ist Teil eines längeren Satzes: die Ursache einer anderen Nachricht.

## Allgemeines

cancelled = Der Vorgang wurde abgebrochen.
    .help = Er kann jederzeit neu gestartet werden.
file-unreadable = { $path }: { $cause }.
    .help = Den Pfad prüfen, und ob Sie die Datei oder den Ordner lesen dürfen.
file-unwritable = { $path }: { $cause }.
    .help =
    { $cause_code ->
        [io-exists] Einen anderen Ordner wählen. Restow überschreibt nie Dateien.
        [io-full] Dort Speicherplatz freigeben.
       *[other] Den Pfad prüfen, und ob Sie dort schreiben dürfen.
    }

too-deep = Die Ordner darin sind tiefer als { $limit } verschachtelt und wurden übersprungen.
    .help = Diesen Ordner selbst in einem weiteren Befehl angeben.

## Der Ordner von Restow

home-no-folder = Dieses System hat keinen Ordner für Anwendungsdaten.
    .help = Einen Ordner mit --home ORDNER oder RESTOW_HOME wählen.
home-unusable = { $path } im Ordner von Restow ist nicht benutzbar: { $cause }.
    .help =
    { $cause_code ->
        [io-read-only] Mit --home ORDNER einen Ordner auf einem beschreibbaren Datenträger wählen.
        [io-full] Dort Speicherplatz freigeben.
       *[other] Prüfen, ob der Ordner existiert und Ihnen gehört.
    }
home-cannot-write = { $path } im Ordner von Restow lässt sich nicht schreiben: { $cause }.
    .help =
    { $cause_code ->
        [io-full] Dort Speicherplatz freigeben. Befehle, die nur lesen, arbeiten weiter.
       *[other] Den Ordner für sich beschreibbar machen. Befehle, die nur lesen, arbeiten weiter.
    }
home-no-locks = { $path } im Ordner von Restow lässt sich nicht sperren: { $cause }.
    .help = Mit --home ORDNER einen Ordner auf einem Laufwerk dieses Computers wählen.
home-key-damaged = Die Schlüsseldatei { $path } ist beschädigt.
    .help = Den Ordner von Restow verschieben und die Lizenzen aus einer Sicherung wiederherstellen: restow restore { $location }
authority-address = { $url } ist keine Adresse für einen Download: nur https oder dieser Computer.
    .help = Die Adresse nach --from prüfen.
authority-unreachable = { $host } ist nicht erreichbar: { $cause }.
    .help = { $url } mit einem anderen Computer holen, dann: restow roots add DATEI
authority-status = { $host } hat mit Status { $status } geantwortet und nicht mit dem Zertifikat.
    .help = { $url } anderswo holen, dann: restow roots add DATEI
authority-other = { $host } hat nicht das Zertifikat von { $name } geschickt. Es wurde nichts hinzugefügt.
    .help = Die Adresse vergleichen. Nur das Zertifikat mit der bekannten SHA-256 wird angenommen.
home-root-damaged = Das Zertifikat { $path } ist beschädigt.
    .help = Die Datei löschen und das Zertifikat erneut hinzufügen: restow roots add DATEI
home-settings = Die Einstellungen in { $path } sind ungültig: { $text }
    .help = Erlaubt ist {"{"}"passphrase_file": "PFAD"{"}"}. Sonst die Datei löschen.
other-machine = { $path } gehört zu einem anderen Computer.
    .help = Diesen Ordner nicht kopieren. Dort sichern (restow backup) und hier wiederherstellen (restow restore).
no-randomness = Die Zufallsquelle des Systems ist ausgefallen.
    .help = Erneut versuchen. Bleibt der Fehler, muss das System repariert werden.

## Lizenzspeicher

store-newer = Ein neueres Restow hat { $path } geschrieben (Version { $found }; dieses liest bis { $known }).
    .help = Das neuere Restow verwenden.
store-not-a-store = { $path } ist kein Lizenzspeicher.
    .help = Einen anderen Ordner mit --home ORDNER wählen.
store-unusable = Der Lizenzspeicher { $path } lässt sich nicht lesen: { $cause }.
    .help = Prüfen, ob die Datei Ihnen gehört und ihr Laufwerk funktioniert.
store-damaged = Der Lizenzspeicher { $path } ist beschädigt ({ $text }).
    .help = store.db verschieben und die Lizenzen aus einer Sicherung wiederherstellen: restow restore { $location }
store-busy = Ein anderes Programm benutzt den Lizenzspeicher { $path }.
    .help = Warten, bis es fertig ist, dann erneut versuchen.
store-cannot-write = Der Lizenzspeicher lässt sich nicht ändern. { $path }: { $cause }.
    .help =
    { $cause_code ->
        [io-full] Dort Speicherplatz freigeben. Befehle, die nur lesen, arbeiten weiter.
       *[other] Den Ordner für sich beschreibbar machen. Befehle, die nur lesen, arbeiten weiter.
    }
store-too-large = { $path } ist nicht beschreibbar und zum Lesen ohne Schreibrecht zu groß (über { $limit } MiB).
    .help = Den Ordner auf ein beschreibbares Laufwerk kopieren und die Kopie mit --home ORDNER nennen.
store-failed = Der Lizenzspeicher { $path } ist gestört ({ $text }).
    .help = Erneut versuchen. Bleibt der Fehler, bitte melden.

## Importieren

license-better-here = Auf diesem Computer ist schon eine Fassung dieser Lizenz mit einer stärkeren Signatur.
    .help = Wenn Sie dem Anbieter der neuen vertrauen, sein Stammzertifikat hinzufügen (restow roots add ZERTIFIKAT) und erneut importieren. Um die vorhandene zu ersetzen, sie zuerst entfernen: restow forget LIZENZ
license-none-inside = In diesem Buch ist keine Lizenz.
    .help = Wurde eine .lcpl-Datei mitgeliefert, diese importieren.
license-none-in-archive = In diesem Archiv wurde keine Lizenz gefunden.
    .help = Die Lizenzdateien, Bücher oder Archive importieren, die vom Shop oder der Bibliothek kamen.
license-package = Die Datei lässt sich nicht durchsuchen: { $cause }.
    .help = Sie im Shop oder in der Bibliothek erneut herunterladen.
license-unpack-first = Das Archiv muss zuerst entpackt werden: { $cause }.
    .help = Es entpacken, dann den neuen Ordner importieren.
license-adobe-voucher = Das ist eine Abrufdatei von Adobe, keine Lizenz. Restow kann sie nicht sichern.
    .help = Sie mit Adobe Digital Editions öffnen oder im Shop oder in der Bibliothek neu holen.
license-other-system =
    Diese Datei gehört zu { $system ->
        [adept] Adobe
        [audible] Audible
        [fairplay] Apple FairPlay
        [kindle] Kindle
        [kobo] Kobo
        [playready] PlayReady
        [wmdrm] Windows Media DRM
       *[other] { $system }
    }. Kein Programm kann ihre Lizenz sichern.
    .help = Sie mit der App dieses Systems öffnen oder im Shop neu holen.
license-other-archive = Archive dieser Art kann Restow nicht lesen.
    .help = Es entpacken, dann den neuen Ordner importieren.

## Dienste

service-address =
    { $cause_code ->
        [address-no-fingerprint] Der Link ist unvollständig: { $cause }.
        [address-not-a-link] Das kann kein Link eines Shops sein: { $cause }.
        [address-damaged-link] Der Link ist beschädigt: { $cause }.
       *[other] { $url } kann nicht die Adresse eines Dienstes sein: { $cause }.
    }
    .help =
    { $cause_code ->
        [address-no-fingerprint] Den ganzen Link aus der Nachricht des Shops kopieren und in Anführungszeichen setzen: restow acquire 'LINK'
        [address-not-a-link] Den Link aus der Nachricht des Shops verwenden. Nur einen Dienst hinzufügen: restow service add ADRESSE
        [address-damaged-link] Den ganzen Link aus der Nachricht des Shops kopieren und in Anführungszeichen setzen: restow acquire 'LINK'
       *[other] Die Adresse des Shops oder der Bibliothek verwenden. Sie beginnt mit https://.
    }
service-private-address = { $url } liegt nicht im öffentlichen Internet, und Sie haben die Adresse nicht hinzugefügt.
    .help = Wenn die Adresse stimmt, sie selbst hinzufügen: restow service add { $url }
service-unreachable = { $url }: Der Dienst ist nicht erreichbar ({ $cause }).
    .help =
        { $cause_code ->
            [tls-unknown-issuer] Wenn Sie dem Zertifikat vertrauen, eine Datei mit der Stammstelle nennen: SSL_CERT_FILE=DATEI
            [tls-expired] Das Datum dieses Computers prüfen. Stimmt es, den Betreiber des Dienstes fragen.
            [tls-not-yet-valid] Das Datum dieses Computers prüfen. Stimmt es, den Betreiber des Dienstes fragen.
            [tls-other-name] Die Adresse prüfen. Stimmt sie, den Betreiber des Dienstes fragen.
           *[other] Das Netz prüfen und es später erneut versuchen. Es geht nichts verloren.
        }
service-bad-answer = { $url }: Die Antwort des Dienstes ist unbrauchbar.
    .help = Später erneut versuchen. Bleibt der Fehler, den Betreiber des Dienstes informieren.
service-statement-refused = Eine Antwort des Dienstes wurde abgelehnt: { $cause }.
    .help = Später erneut versuchen. Bleibt der Fehler, den Betreiber des Dienstes informieren.
service-not-added = Der Dienst mit dem Fingerabdruck { $issuer } wurde nicht hinzugefügt.
    .help = Ihn zuerst hinzufügen: restow service add URL
service-other-issuer = Der Dienst unter { $url } hat den Fingerabdruck { $found }, nicht { $expected }.
    .help = Hier abbrechen. Den Shop oder die Bibliothek nach der richtigen Adresse und dem Fingerabdruck fragen.
not-registered = Dieser Computer ist bei { $service } nicht angemeldet.
    .help = Ihn anmelden: restow computer register
service-problem = { $service } hat die Anfrage abgelehnt: { $text }
    .help = Den Betreiber des Dienstes fragen.
malformed = { $service } meldet eine fehlerhafte Anfrage.
    .help = Den Betreiber des Dienstes fragen.
bad-signature = { $service } meldet eine falsche Signatur.
    .help = Den Betreiber des Dienstes fragen.
unknown-computer = Bei { $service } ist dieser Computer nicht mehr angemeldet.
    .help = Ihn aus einer Sicherung neu anmelden: restow restore { $location } --register
computer-released = { $service } hat diesen Computer am { $text } freigegeben.
    .help = Um seine Lizenzen hier wieder zu nutzen: restow restore { $location } --register
clock = { $service } meldet, dass die Uhr dieses Computers falsch geht.
    .help = Die Uhr stellen, dann erneut versuchen.
wrong-issuer = { $service } meldet, dass die Anfrage für einen anderen Dienst bestimmt ist.
    .help = Den Betreiber des Dienstes fragen.
key-reused = { $service } hat dieselbe Anfrage schon mit anderem Inhalt erhalten.
    .help = Den Betreiber des Dienstes fragen.
not-allowed = { $service } erlaubt das jetzt nicht. { $text }
    .help = Ist dieser Computer nicht bestätigt, ihn von einem anderen aus bestätigen: restow computer confirm ID
restore-key-withdrawn = { $service } nimmt den Wiederherstellungsschlüssel dieser Sicherung nicht mehr an.
    .help = Auf einem Computer mit den Lizenzen neu sichern und daraus wiederherstellen.
too-many-computers = Bei { $service } sind zu viele Ihrer Computer angemeldet.
    .help = Einen davon freigeben oder bestätigen: restow computer
not-yours = { $service } hat keine solche Lizenz und keinen solchen Computer von Ihnen.
    .help = Den Betreiber des Dienstes fragen.
link-used = { $service } meldet, dass dieser Link schon benutzt wurde.
    .help = Den Shop um einen neuen Link bitten.
link-expired = { $service } meldet, dass dieser Link abgelaufen ist.
    .help = Den Shop um einen neuen Link bitten.
link-withdrawn = { $service } meldet, dass dieser Link zurückgezogen wurde.
    .help = Den Shop um einen neuen Link bitten.
release-limit = { $service } erlaubt in diesem Jahr keine weiteren Freigaben.
    .help = Den Betreiber des Dienstes fragen.
change-limit = { $service } nimmt heute keine weiteren Änderungen von diesem Computer an.
    .help = Morgen erneut versuchen. Es geht nichts verloren.
too-large = { $service } meldet, dass die Anfrage zu groß ist.
    .help = Den Betreiber des Dienstes fragen.
internal = { $service } hat eine technische Störung.
    .help = Später erneut versuchen. Es geht nichts verloren.
service-busy = { $service } ist überlastet.
    .help = Später erneut versuchen. Es geht nichts verloren.

## Verbindungen und Antworten

answer-timed-out =
    { $count ->
        [one] innerhalb 1 Sekunde kam keine Antwort
       *[other] innerhalb von { $count } Sekunden kam keine Antwort
    }
proxy-refused = der Proxy lehnt ab: { $text }
tls-unknown-issuer = kein Stammzertifikat auf diesem Computer bestätigt den Server
tls-expired = das Zertifikat des Servers ist abgelaufen
tls-not-yet-valid = das Zertifikat des Servers gilt noch nicht
tls-other-name = das Zertifikat des Servers gilt für einen anderen Namen
tls-revoked = das Zertifikat des Servers wurde widerrufen
tls-not-spoken = der Server verschlüsselt nicht (TLS)
tls-nothing-in-common = der Server bietet keine Verschlüsselung, die Restow annimmt (TLS 1.2 oder 1.3)
tls-other = die Verschlüsselung ist gescheitert: { $text }
answer-too-large = sie ist größer als { $limit } Bytes
answer-redirects = sie leitet mehr als { $limit } Mal weiter
answer-compressed = sie ist komprimiert ({ $encoding }), was Restow nicht verlangt hat
answer-protocol = sie ist kein HTTP: { $text }
answer-other = { $text }

## Anbieter von LCP-Lizenzen

provider-address = { $url } kann nicht die Adresse eines Shops oder einer Bibliothek sein: { $cause }.
    .help = Die Adresse des Shops oder der Bibliothek verwenden. Sie beginnt mit https://.
provider-not-allowed = Sie haben den Kontakt mit { $origin } nicht erlaubt.
    .help = Wenn Sie dem Shop oder der Bibliothek vertrauen: restow provider allow { $origin }
provider-private-address = { $url } liegt nicht im öffentlichen Internet, und Sie haben die Adresse nicht erlaubt.
    .help = Wenn die Adresse stimmt, sie selbst erlauben: restow provider allow { $url }
provider-unreachable = { $url }: Der Shop oder die Bibliothek ist nicht erreichbar ({ $cause }).
    .help =
        { $cause_code ->
            [tls-unknown-issuer] Wenn Sie dem Zertifikat vertrauen, eine Datei mit der Stammstelle nennen: SSL_CERT_FILE=DATEI
            [tls-expired] Das Datum dieses Computers prüfen. Stimmt es, dort nachfragen.
            [tls-not-yet-valid] Das Datum dieses Computers prüfen. Stimmt es, dort nachfragen.
            [tls-other-name] Die Adresse prüfen. Stimmt sie, dort nachfragen.
           *[other] Später erneut versuchen: restow refresh. Es geht nichts verloren.
        }
provider-busy = { $origin } ist überlastet (HTTP { $status }). { $text }
    .help =
        { $count ->
            [0] Später erneut versuchen: restow refresh. Es geht nichts verloren.
            [one] In 1 Minute erneut versuchen: restow refresh. Es geht nichts verloren.
           *[other] In { $count } Minuten erneut versuchen: restow refresh. Es geht nichts verloren.
        }
provider-given-up = { $origin } hat vorhin nicht geantwortet und wurde nicht erneut gefragt.
    .help = Später erneut versuchen: restow refresh. Es geht nichts verloren.
provider-bad-answer = { $url }: Die Antwort des Shops oder der Bibliothek ist unbrauchbar ({ $cause }).
    .help = Später erneut versuchen. Bleibt der Fehler, dort nachfragen. Ihre Lizenz bleibt unverändert.
provider-no-status = { $url }: Die Antwort ist kein Lizenzstatus: { $cause }.
    .help = Später erneut versuchen. Bleibt der Fehler, dort nachfragen. Ihre Lizenz bleibt unverändert.
provider-other-license = { $url }: Die Antwort gehört zu einer anderen Lizenz.
    .help = Dort nachfragen. Ihre Lizenz bleibt unverändert.
provider-template = { $url }: Dieser Link des Shops oder der Bibliothek ist beschädigt: { $cause }.
    .help = Dort nachfragen. Ihre Lizenz bleibt unverändert.
provider-registration = { $origin } konnte diesen Computer nicht anmelden (HTTP { $status }). { $text }
    .help = Ihre Lizenz funktioniert weiter. Der nächste Kontakt versucht es erneut.
provider-renew = { $origin } hat die Lizenz nicht verlängert (HTTP { $status }). { $text }
    .help = Dort nachfragen. Ihre Lizenz bleibt unverändert.
provider-renew-date = { $origin } verlängert die Lizenz nicht bis zu diesem Tag (HTTP { $status }). { $text }
    .help = Mit --until einen früheren Tag wählen, oder keinen.
provider-return = { $origin } hat die Lizenz nicht zurückgenommen (HTTP { $status }). { $text }
    .help = Später erneut versuchen oder dort nachfragen.
provider-return-already = { $origin }: Die Lizenz wurde schon zurückgegeben (HTTP { $status }). { $text }
    .help = Es ist nichts zu tun. Ihr Stand: restow refresh
provider-return-expired = { $origin }: Die Lizenz ist abgelaufen (HTTP { $status }). { $text }
    .help = Es ist nichts zu tun. Ihr Stand: restow refresh
provider-server = { $origin } hat eine technische Störung (HTTP { $status }). { $text }
    .help = Später erneut versuchen. Ihre Lizenz bleibt unverändert.
provider-problem = { $origin } hat mit einem Fehler geantwortet (HTTP { $status }). { $text }
    .help = Dort nachfragen. Ihre Lizenz bleibt unverändert.
provider-no-status-link = Die Lizenz { $license } enthält keinen Link zu ihrem Stand.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
provider-not-signed = Die Signatur der Lizenz { $license } ist ungültig, deshalb wurde ihr Anbieter nicht gefragt.
    .help = Die Lizenz im Shop oder in der Bibliothek erneut herunterladen. Was falsch ist: restow licenses --check
provider-not-taken = Die neue Lizenz von { $url } wurde abgelehnt: { $cause }.
    .help = Ihre Lizenz bleibt unverändert. Bleibt der Fehler, beim Shop oder bei der Bibliothek nachfragen.
provider-out-of-time = Für die Frage nach der Lizenz { $license } blieb keine Zeit.
    .help = Später fragen: restow refresh
provider-renew-past = Der Zeitpunkt { $time } liegt in der Vergangenheit.
    .help = Mit --until einen späteren Tag wählen, oder keinen.
provider-no-renew = Die Lizenz { $license } lässt sich nicht verlängern.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
provider-no-return = Die Lizenz { $license } lässt sich nicht vorzeitig zurückgeben.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
provider-renew-page = Die Lizenz { $license } lässt sich nur auf dieser Seite verlängern: { $url }
    .help = Sie dort verlängern, dann den Stand abfragen: restow refresh
provider-return-page = Die Lizenz { $license } lässt sich nur auf dieser Seite zurückgeben: { $url }
    .help = Sie dort zurückgeben, dann den Stand abfragen: restow refresh
provider-long-link = Der Stand der Lizenz { $license } wurde nicht erfragt: Ihr Link hat mehr als { $limit } Bytes.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
provider-no-license-link = Eine neuere Fassung der Lizenz { $license } wurde nicht geholt: { $cause }.
    .help = Ihre Lizenz bleibt unverändert. Beim Shop oder bei der Bibliothek nachfragen.
provider-not-done = Der Shop oder die Bibliothek hat geantwortet, aber die Lizenz { $license } nicht geändert.
    .help = Ihr Stand: restow refresh
provider-ended =
    { $status ->
        [expired] Die Lizenz { $license } ist abgelaufen.
        [returned] Die Lizenz { $license } wurde zurückgegeben.
        [cancelled] Die Lizenz { $license } wurde storniert.
       *[revoked] Die Lizenz { $license } wurde widerrufen.
    }
    .help = Im Shop oder in der Bibliothek neu ausleihen oder kaufen.
not-taken-no-license = das ist keine Lizenz
not-taken-other = das ist eine andere Lizenz, oder von einem anderen Anbieter
not-taken-worth-less = ihre Signatur ist schwächer als die Ihrer Lizenz
not-taken-older = sie ist älter als Ihre Lizenz
not-taken-too-many = es waren zu viele auf einmal
license-link-missing = der Shop oder die Bibliothek nennt keine Adresse dafür
license-link-type = ihre Links sind von anderer Art ({ $found })
license-link-profile = ihre Links sind für eine andere Art der Verschlüsselung ({ $found })
provider-not-asked =
    { $count ->
        [one] 1 Lizenz wurde nicht geprüft. { $cause }.
       *[other] { $count } Lizenzen wurden nicht geprüft. Eine davon: { $cause }.
    }
    .help = Wiederhergestellt werden sie trotzdem. Den Grund für jede Lizenz zeigt: restow refresh
provider-too-many =
    { $count ->
        [one] 1 Lizenz wurde nicht geprüft: Höchstens 100 Anbieter werden nach 10.000 Lizenzen gefragt.
       *[other] { $count } Lizenzen wurden nicht geprüft: Höchstens 100 Anbieter werden nach 10.000 Lizenzen gefragt.
    }
    .help = Später prüfen: restow refresh
provider-no-time =
    { $count ->
        [one] { $origin }: Die Zeit reichte nicht, um 1 Lizenz zu prüfen.
       *[other] { $origin }: Die Zeit reichte nicht, um { $count } Lizenzen zu prüfen.
    }
    .help = Später prüfen: restow refresh
provider-left-alone =
    { $count ->
        [one] { $origin } hat nicht geantwortet oder war überlastet. 1 Lizenz wurde nicht geprüft.
       *[other] { $origin } hat nicht geantwortet oder war überlastet. { $count } Lizenzen wurden nicht geprüft.
    }
    .help = Später prüfen: restow refresh

## Eine Lizenz benutzen

no-license =
    { $subject ->
        [title] Restow kennt keine Lizenz für „{ $name }“.
        [bound] Auf diesem Computer gibt es keine Lizenz für diese Datei.
       *[key] Auf diesem Computer gibt es keine Lizenz für die Schlüssel-ID { $name }.
    }
    .help =
        { $subject ->
            [title] Haben Sie die Lizenz, ordnet restow put-back ORDNER sie dem Buch zu. Sonst sie wiederherstellen (restow restore { $location }) oder beim Shop oder bei der Bibliothek nachfragen.
            [bound] Lizenzen von Windows Media DRM und PlayReady kann kein Programm holen oder sichern. Beim Shop nachfragen, aus dem die Datei stammt.
           *[key] Sie wiederherstellen (restow restore { $location }) oder im Shop oder in der Bibliothek holen.
        }
not-granted =
    { $subject ->
        [title] Keine Lizenz für „{ $name }“ erlaubt { $right }.
       *[key] Keine Lizenz für die Schlüssel-ID { $name } erlaubt { $right }.
    }
    .help = Den Shop oder die Bibliothek fragen, aus der die Datei stammt.
used-up =
    { $subject ->
        [title] Alle Nutzungen von { $right } für „{ $name }“ sind aufgebraucht.
       *[key] Alle Nutzungen von { $right } für die Schlüssel-ID { $name } sind aufgebraucht.
    }
    .help = Den Shop oder die Bibliothek fragen, aus der die Datei stammt.
right-unknown =
    { $subject ->
        [title] Ob die Lizenz für „{ $name }“ das Recht { $right } gibt, ist nicht lesbar.
       *[key] Ob die Lizenz für die Schlüssel-ID { $name } das Recht { $right } gibt, ist nicht lesbar.
    }
    .help = Darüber entscheiden die Lese-Apps. Was nicht lesbar ist: restow why LIZENZ
not-yet-valid =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ gilt erst ab { $time }.
       *[key] Die Lizenz für die Schlüssel-ID { $name } gilt erst ab { $time }.
    }
    .help =
    { $next ->
        [service] Der Dienst muss bestätigen, dass es so weit ist. Einmal online gehen: restow refresh
       *[wait] Bis dahin warten. Ist das Datum hier falsch, die Uhr stellen.
    }
expired =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ ist seit { $time } abgelaufen.
       *[key] Die Lizenz für die Schlüssel-ID { $name } ist seit { $time } abgelaufen.
    }
    .help = Den Shop oder die Bibliothek fragen, aus der die Datei stammt.
revoked =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ wurde widerrufen: { $reason }
       *[key] Die Lizenz für die Schlüssel-ID { $name } wurde widerrufen: { $reason }
    }
    .help = Den Shop oder die Bibliothek fragen, aus der die Datei stammt.
license-ended =
    { $subject ->
        [title] { $outcome ->
            [returned] Die Lizenz für „{ $name }“ wurde zurückgegeben.
            [revoked] Die Lizenz für „{ $name }“ wurde vom Anbieter widerrufen.
            [cancelled] Die Lizenz für „{ $name }“ wurde vom Anbieter storniert.
           *[other] Die Lizenz für „{ $name }“ ist laut Anbieter abgelaufen.
        }
       *[key] Die Lizenz für die Schlüssel-ID { $name } gilt nicht mehr ({ $outcome }).
    }
    .help = Den Shop oder die Bibliothek fragen, aus der die Datei stammt.
not-imported =
    { $subject ->
        [title] Die Lizenz in „{ $name }“ wurde nicht importiert.
       *[key] Die Lizenz für die Schlüssel-ID { $name } wurde nicht importiert.
    }
    .help = Sie importieren: restow import { $path }
license-inside-broken =
    { $subject ->
        [title] Die Lizenz in „{ $name }“ ist nicht lesbar.
       *[key] Die Lizenz für die Schlüssel-ID { $name } ist nicht lesbar.
    }
    .help = Das Buch oder seine Lizenz im Shop oder in der Bibliothek erneut herunterladen.
license-not-valid =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ ist ungültig: { $cause }.
       *[key] Die Lizenz für die Schlüssel-ID { $name } ist ungültig: { $cause }.
    }
    .help = Die Lizenz im Shop oder in der Bibliothek erneut herunterladen.
not-here =
    { $subject ->
        [title] Die Lizenz für „{ $name }“ ist auf diesem Computer nicht aktiv.
       *[key] Die Lizenz für die Schlüssel-ID { $name } ist auf diesem Computer nicht aktiv.
    }
    .help = Sie wiederherstellen: restow restore { $location }
report-first =
    { $count ->
        [one] 1 Nutzung von { $name } muss dem Dienst vor der nächsten gemeldet werden.
       *[other] { $count } Nutzungen von { $name } müssen dem Dienst vor der nächsten gemeldet werden.
    }
    .help = Mit dem Netz verbinden und erneut versuchen.

## Sichern und wiederherstellen

busy = Es läuft bereits eine Sicherung, Wiederherstellung oder Abfrage.
    .help = Warten, bis sie fertig ist, oder sie abbrechen.
no-path = Die Eigenschaft { $name } ist nicht gesetzt.
    .help = Zuerst den Pfad setzen.
no-callback = Der Callback für den Status fehlt.
    .help = Einen Callback übergeben.
unknown-property = Die Eigenschaft { $name } gibt es nicht.
    .help = BackupPath oder RestorePath verwenden.
backup-exists = An diesem Ort liegt schon eine Sicherung dieses Computers.
    .help = Das Überschreiben erlauben. Restow fügt dann eine Generation hinzu und behält die alten.
no-such-set = Hier gibt es keine Sicherung mit der ID oder dem Computernamen „{ $set }“.
    .help = Vorhanden sind: { $there }
several-sets = Hier passen mehrere Sicherungen.
    .help = Eine mit --set wählen: { $there }
backup-no-such-license = Die Sicherung enthält die Lizenz { $license } nicht.
    .help = Die Lizenzen der Sicherung zeigt restow show.
backup-gone = Die Sicherung dieses Computers in { $location } fehlt: Generation { $generation } vom { $date }.
    .help = Den Datenträger oder die Freigabe verbinden und erneut versuchen. Für eine neue Sicherung dort: --new angeben.
backup-nothing = Es gibt nichts zu sichern: Weder dieser Computer noch die Sicherung hat eine Lizenz.
    .help = Zuerst Lizenzen importieren: restow import ORDNER
backup-location-name = Der Name von { $path } ist kein gültiger Text; Restow kann sich diesen Ort nicht merken.
    .help = Den Ordner umbenennen oder einen anderen Ort wählen.
backup-no-own-set = In { $path } ist keine Sicherung dieses Computers.
    .help = Nachsehen, wo dieser Computer Sicherungen hat: restow backups
backup-licenses-lost =
    { $count ->
        [one] 1 Lizenz in der Sicherung ist beschädigt, und dieser Computer hat sie nicht.
       *[other] { $count } Lizenzen in der Sicherung sind beschädigt, und dieser Computer hat sie nicht.
    }
    .help = Aus einer anderen Sicherung wiederherstellen oder sie bei Shop oder Bibliothek neu besorgen.
backup-not-read-back =
    { $count ->
        [0] Der Datenträger gibt nicht alles so zurück, wie es geschrieben wurde.
        [one] Der Datenträger gibt 1 Lizenz nicht so zurück, wie sie geschrieben wurde.
       *[other] Der Datenträger gibt { $count } Lizenzen nicht so zurück, wie sie geschrieben wurden.
    }
    .help = Auf einem anderen Datenträger sichern: Dieser ist beschädigt oder gefälscht.
backup-nothing-read-back = Der Datenträger gibt in { $path } nichts so zurück, wie es geschrieben wurde.
    .help = Auf einem anderen Datenträger sichern: Dieser ist beschädigt oder gefälscht.
backup-forget-damaged = Ein Teil der Sicherung ist nicht lesbar; deshalb lässt sich keine Lizenz daraus entfernen.
    .help = Zur Reparatur erneut sichern, dann noch einmal versuchen.
no-passphrase-file = { $path } ist verschlüsselt, und die Kennwortdatei ist nicht angegeben.
    .help = RESTOW_PASSPHRASE_FILE auf diese Datei setzen, oder passphrase_file in settings.json.
passphrase-file-unreadable = { $path } ist verschlüsselt, und die Kennwortdatei { $file } ist nicht lesbar: { $cause }.
    .help = RESTOW_PASSPHRASE_FILE auf eine andere Datei setzen, oder passphrase_file in settings.json.
no-thread = Dem System fehlen Mittel für eine weitere Aufgabe ({ $text }).
    .help = Andere Programme schließen und erneut versuchen.
defect = Restow hat einen Fehler. Es ging nichts verloren.
    .help = Bitte melden.

## Ergebnisse einer Wiederherstellung

restored-in-part = { $count ->
        [one] Nicht alles wurde wiederhergestellt: 1 Lizenz fehlt.
       *[other] Nicht alles wurde wiederhergestellt: { $count } Lizenzen fehlen.
    }
    .help = Der Grund steht bei jeder Lizenz. Für ausstehende später erneut wiederherstellen.
restored-but-refused = { $count ->
        [one] Alles wurde wiederhergestellt, außer 1 Lizenz, die der Shop oder die Bibliothek beendet hat.
       *[other] Alles wurde wiederhergestellt, außer { $count } Lizenzen, die der Shop oder die Bibliothek beendet hat.
    }
    .help = Der Grund steht bei jeder Lizenz. Sie bleiben, öffnen aber nichts mehr.
restore-refused = Die Lizenzen dürfen auf diesem Computer nicht wiederhergestellt werden.
    .help = Der Grund steht bei jeder Lizenz. Zur Höchstzahl der Computer siehe die Seite des Dienstes, oder den Betreiber fragen.
restore-expired = Die Lizenzen sind abgelaufen.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
restore-revoked = Die Lizenzen sind nicht mehr gültig.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
needs-individualization = Dieser Computer muss zuerst angemeldet werden.
    .help = Um der Anmeldung zuzustimmen: restow restore { $location } --register
newer-generation-damaged = Die neueste Sicherung ist nicht lesbar. Restow hat eine ältere verwendet.
    .help = Falls vorhanden, auch aus einer anderen Sicherung wiederherstellen.
newer-generation-unknown = Ein neueres Restow hat die neueste Sicherung geschrieben. Dieses Restow hat eine ältere verwendet.
    .help = Restow auf diesem Computer aktualisieren, dann erneut wiederherstellen.
restore-damaged = Die Sicherung ist beschädigt.
    .help = Aus einer anderen Sicherung oder einer älteren Generation wiederherstellen: restow backups { $location }
restore-other-machine = Der Ordner von Restow gehört zu einem anderen Computer.
    .help = In einen anderen Ordner wiederherstellen: --home ORDNER
restore-private-address = Der Dienst liegt nicht im öffentlichen Internet, und Sie haben ihn nicht hinzugefügt.
    .help = Ihn mit der Adresse vom Shop oder von der Bibliothek hinzufügen: restow service add URL
restore-unreachable = Der Dienst ist nicht erreichbar.
    .help = Später erneut versuchen. Es geht nichts verloren.

## Warnungen

not-accepted = Die Lizenz { $license } wurde nicht wiederhergestellt: { $cause }.
needs-adopt = Einige Lizenzen gehören einem anderen Inhaber.
    .help = Um sie zu übernehmen, --adopt hinzufügen. Oder in einen neuen Ordner wiederherstellen (--home ORDNER), der einen einzelnen Inhaber übernimmt.
kind-unknown = dieses Restow kennt die Lizenzart { $number } nicht
record-not-of-document = ihr Eintrag in der Sicherung gehört zu einer anderen Lizenz
not-certified-unknown = ihr Aussteller ist unbekannt, deshalb ist ihre Herkunft nicht belegt
not-certified = ihre Herkunft ist nicht belegt: { $cause }
generation-newer = Ein neueres Restow hat Generation { $generation } der Sicherung { $set } geschrieben. Restow hat eine ältere verwendet.
    .help = Restow auf diesem Computer aktualisieren.
generation-unread = Generation { $generation } der Sicherung { $set } ist nicht lesbar. Restow hat eine ältere verwendet.
    .help = Die unlesbare Generation kann weitere Lizenzen enthalten. Falls vorhanden, auch aus einer anderen Sicherung wiederherstellen.
older-state = Die Sicherung { $set } ist dort älter (Generation { $found }), als dieser Computer geschrieben hat (Generation { $wrote }).
    .help = Den Datenträger prüfen: Eine alte Kopie wurde zurückgelegt, Dateien wurden gelöscht, oder es ist ein anderer Datenträger.
set-gone = Die Sicherung { $set } fehlt dort. Dieser Computer hatte Generation { $wrote } geschrieben.
    .help = Den Datenträger prüfen: Dateien wurden gelöscht, oder es ist ein anderer Datenträger.
location-same-disk = Diese Sicherung liegt auf einer Festplatte dieses Computers und geht mit ihr verloren.
    .help = Auch auf einem anderen Datenträger sichern.
location-in-memory = Diese Sicherung liegt im Arbeitsspeicher und geht beim Neustart verloren.
    .help = Auf einem Datenträger sichern.
location-disk-unknown = Ob diese Sicherung auf einer Festplatte dieses Computers liegt, ist nicht festzustellen.
    .help = Falls ja, auch auf einem anderen Datenträger sichern.
not-registered-any-more = Bei { $service } ist dieser Computer nicht mehr angemeldet. Aus dieser Sicherung allein lässt sich vielleicht nicht wiederherstellen.
    .help = Diesen Computer neu anmelden: restow computer register
backup-files-repaired =
    { $count ->
        [one] 1 beschädigte Datei der Sicherung wurde neu geschrieben.
       *[other] { $count } beschädigte Dateien der Sicherung wurden neu geschrieben.
    }
drive-cannot-sync = Dieser Datenträger kann nicht bestätigen, dass Dateien gespeichert sind.
    .help = Den Datenträger auswerfen, bevor Sie ihn entfernen.
generation-rewritten = Generation { $generation } der Sicherung ist nicht lesbar. Alles auf diesem Computer wurde neu geschrieben.
    .help = Falls nur diese Generation eine Lizenz hatte, die Lizenz neu besorgen.
left-out-license = Die Lizenz { $license } wurde nicht gesichert: { $cause }.
left-out-titles = Die Titel der Lizenz { $license } wurden nicht gesichert: { $cause }.
left-out-facts = Weitere Angaben zur Lizenz { $license } wurden nicht gesichert: { $cause }.
left-out-missing = Die Sicherung führt die fehlende Lizenz { $license } nicht auf: { $cause }.
left-out-counter = Ein Zähler der Lizenz { $license } wurde nicht gesichert: { $cause }.
left-out-statement = Eine Liste widerrufener Lizenzen von { $issuer } wurde nicht gesichert: { $cause }.
left-out-sunset-key = Ein Sunset-Schlüssel von { $issuer } wurde nicht gesichert: { $cause }.
left-out-content-key = Der Inhaltsschlüssel { $key } von { $issuer } wurde nicht gesichert: { $cause }.
left-out-issuers =
    { $count ->
        [one] 1 Eintrag über einen Aussteller wurde nicht gesichert: In der Sicherung ist kein Platz dafür.
       *[other] { $count } Einträge über Aussteller wurden nicht gesichert: In der Sicherung ist kein Platz dafür.
    }

## Lizenzen zurücklegen

put-other-license = Das Buch enthält eine Lizenz, die Restow nicht hat.
    .help = Um sie zu behalten, sie zuerst importieren: restow import DATEI
put-has-license = Das Buch enthält eine andere Ihrer Lizenzen.
    .help = Um sie zu ersetzen, --yes hinzufügen.
put-broken-inside = Die Lizenz im Buch ist nicht lesbar.
    .help = Um sie zu ersetzen, --yes hinzufügen.
put-not-protected = Dieses Buch ist nicht mit LCP geschützt.
    .help = Es lässt sich ohne Lizenz öffnen.
put-better-there = Das Buch enthält eine neuere oder stärker signierte Fassung dieser Lizenz.
    .help = Sie importieren: restow import DATEI
put-disputed = Das Buch enthält eine andere Fassung dieser Lizenz, und keine ist eindeutig besser.
    .help = Sie importieren (restow import DATEI) oder mit --yes ersetzen.
put-read-only = Die Datei ist schreibgeschützt.
    .help = Den Schreibschutz der Datei aufheben, dann erneut versuchen.
put-hard-links = Das Buch hat { $count } Namen (harte Links), und nur einer davon würde sich ändern.
    .help = Das Buch kopieren, diesen Namen löschen und es erneut versuchen.
put-link = Das ist eine Verknüpfung auf eine andere Datei.
    .help = Die Datei wählen, auf die die Verknüpfung zeigt.
put-locked = Das Dateisystem sperrt die Datei gegen Änderungen (wie chattr +i).
    .help = Die Datei entsperren und es erneut versuchen.
put-access = Besitzer oder Rechte der Datei lassen sich nicht erhalten: { $cause }.
    .help = Restow als Besitzer der Datei ausführen.
put-attribute = Das Attribut { $name } der Datei lässt sich nicht erhalten: { $cause }.
    .help = Restow als Besitzer der Datei ausführen.
put-date-lost = Die Datei wurde geändert, ihr Datum ließ sich aber nicht erhalten: { $cause }.
put-not-synced = Die Datei wurde geändert, das Laufwerk hat das aber nicht bestätigt: { $cause }.
    .help = Das Laufwerk vor dem Trennen auswerfen und dann prüfen.
put-not-scanned = Die Datei wurde geändert, aber nicht die Liste der gelesenen Dateien. { $cause }
    .help = Die Liste erneuern: restow scan DATEI
put-changed = Ein anderes Programm hat die Datei inzwischen geändert.
    .help = Das Programm schließen, dann erneut versuchen.
put-not-as-written = Die neue Datei ließ sich nicht fehlerfrei zurücklesen.
    .help = Den Datenträger prüfen. Die alte Datei ist unverändert.
put-no-folder = Restow kennt kein Buch zu dieser Lizenz.
    .help = Den Ordner Ihrer Bücher wählen: restow put-back ORDNER
put-none-known = Das Buch ist geschützt, und Restow hat keine Lizenz dafür.
    .help = Zuerst seine Lizenz wiederherstellen oder importieren.
put-not-a-folder = Das ist eine Datei, kein Ordner.
    .help = Einen Ordner wählen oder --license LIZENZ hinzufügen.
put-not-usable = Diese Lizenz ist nicht mehr gültig.
    .help = Ihr Stand: restow licenses
put-invalid = Die Signatur dieser Lizenz ist ungültig. Lese-Apps lehnen sie ab.
    .help = Im Shop oder in der Bibliothek eine neue Lizenz holen. Der Grund: restow licenses --check
put-none-usable = Die Lizenz für dieses Buch ist beendet oder auf diesem Computer nicht nutzbar.
    .help = Ihr Stand: restow licenses
put-better-beside = Die Lizenzdatei neben dem Buch ist eine bessere Fassung dieser Lizenz.
    .help = Sie zuerst importieren: restow import DATEI
put-encryption-lost = Das Buch hat eine Lizenz, aber die Liste seiner verschlüsselten Teile fehlt. Keine Lese-App kann es öffnen.
    .help = Das Buch neu im Shop oder in der Bibliothek holen.
put-not-agreed = Es wurde nichts geändert.
    .help = Die Änderungen vorher ansehen: restow put-back --dry-run
put-other-kind = Nur LCP-Lizenzen lassen sich in Bücher legen.
    .help = Lizenzen anderer Art brauchen keine Datei neben ihrem Inhalt.

## Bücher herunterladen

fetch-no-link = Die Lizenz enthält keinen Link zu ihrem Buch.
    .help = Das Buch im Shop oder in der Bibliothek holen.
fetch-invalid-license = Die Signatur der Lizenz ist ungültig, deshalb wurde nichts heruntergeladen.
    .help = Der Grund: restow licenses --check
fetch-no-hash = Die Lizenz enthält keine Prüfsumme für das Buch, deshalb wurde es nicht heruntergeladen.
    .help = Das Buch im Shop oder in der Bibliothek holen.
fetch-not-agreed = Das Buch wurde nicht heruntergeladen.
    .help = Das Buch im Shop oder in der Bibliothek holen.
fetch-address = Restow lädt nur über https und von öffentlichen Adressen herunter.
    .help = Das Buch im Shop oder in der Bibliothek holen.
fetch-too-large = Das Buch hat { $stated } Bytes. Restow lädt höchstens { $limit } GiB herunter.
    .help = Das Buch im Shop oder in der Bibliothek holen.
fetch-unreachable = { $host } ist nicht erreichbar: { $cause }.
    .help = Später erneut versuchen.
fetch-status = { $host } hat mit einem Fehler geantwortet (Status { $status }).
    .help = Später erneut versuchen.
fetch-redirects = { $host } leitet öfter als { $limit }-mal weiter.
    .help = Später erneut versuchen.
fetch-too-long = Der Download ist länger als { $max } Bytes. Nichts wurde behalten.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
fetch-length = Der Download hat { $found } statt { $stated } Bytes. Nichts wurde behalten.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
fetch-hash = Der Download ist nicht die Datei, die in der Lizenz genannt ist. Nichts wurde behalten.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
fetch-not-a-publication = Der Download ist kein Buch, das eine Lizenz aufnehmen kann. Nichts wurde behalten.
    .help = Beim Shop oder bei der Bibliothek nachfragen.
