### Texte der Seiten für Menschen.

date = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
 } { $year }
questions = Fragen?
privacy = Datenschutz
number = Nennen Sie diese Nummer:

## Page about a limit

limit-title = Zu viele Computer
limit-heading = Die Höchstzahl an Computern für diese Lizenz ist erreicht
limit-heading-titled = Die Höchstzahl an Computern für „{ $title }“ ist erreicht
limit-allowed = { $limit ->
    [0] Die Lizenz darf auf keinem Computer mehr sein.
    [one] Die Lizenz darf auf 1 Computer sein.
   *[other] Die Lizenz darf auf { $limit } Computern gleichzeitig sein.
 }
shop-heading = { $name } kann Ihnen jetzt helfen
shop-release = Kein Computer, den Sie in den letzten 30 Tagen benutzt haben, kann jetzt einen anderen freigeben. { $name } kann das sofort: Bitten Sie darum, den Computer freizugeben, den Sie nicht mehr haben.
shop-confirm = Kein anderer Computer, den Sie in den letzten 30 Tagen benutzt haben, kann diesen jetzt bestätigen. { $name } kann das sofort: Bitten Sie darum, Ihren neuen Computer zu bestätigen.
holders-heading = Computer mit dieser Lizenz
no-holders = Zurzeit hat kein Computer diese Lizenz.
room = Jetzt ist Platz für einen weiteren Computer. Starten Sie die Wiederherstellung noch einmal.
seen = zuletzt gesehen am
confirmed = bestätigt
unconfirmed = nicht bestätigt
this-computer = dieser Computer
release = { $count ->
    [one] Um die Lizenz auf einem anderen Computer zu nutzen, geben Sie einen Computer frei, den Sie nicht mehr brauchen.
   *[other] Um die Lizenz auf einem anderen Computer zu nutzen, geben Sie { $count } Computer frei, die Sie nicht mehr brauchen.
 }
release-on = { $count ->
    [one] Tippen Sie die Zeile unter seinem Namen ein. Das geht auf Ihrem Computer { $names }.
   *[other] Tippen Sie die Zeile unter seinem Namen ein. Das geht auf Ihren Computern { $names }.
 }
release-still = Wenn Sie noch einen bestätigten Computer haben, können Sie es auch selbst tun. Tippen Sie dort die Zeile unter dem Namen des Computers ein, der freigegeben werden soll.
release-then = Starten Sie dann die Wiederherstellung noch einmal. Die Lizenzen des freigegebenen Computers bleiben in Ihren Sicherungen.
appeal = Wenn das nicht hilft
appeal-how = Wenn Sie keinen dieser Computer freigeben können oder einer davon nicht Ihnen gehört, fragen Sie { $name }:
appeal-none = Fragen Sie { $name } nach dieser Lizenz:

## Page about a limit, where the new computer is not confirmed

confirm-title = Computer nicht bestätigt
confirm-heading = Ihr neuer Computer ist noch nicht bestätigt
confirm-why = Er kam aus einer Sicherung hinzu. Dieses Jahr haben schon zu viele unbestätigte Computer Ihre Lizenzen bekommen. Deshalb muss ihn zuerst ein anderer Ihrer Computer bestätigen.
confirm-on = { $count ->
    [one] Tippen Sie diese Zeile auf Ihrem Computer { $names } ein:
   *[other] Tippen Sie diese Zeile auf einem Ihrer Computer { $names } ein:
 }
confirm-still = Wenn Sie noch einen bestätigten Computer haben, können Sie es auch selbst tun. Tippen Sie dort ein:
confirm-then = Starten Sie dann die Wiederherstellung noch einmal.
confirm-appeal = Wenn Sie keinen dieser Computer mehr haben, fragen Sie { $name }:

## Page of an acquisition link

link-title = Ihre Lizenzen
link-heading = Ihre Lizenzen stehen bereit
link-how = Restow holt sie mit diesem Link. Tippen Sie auf dem Computer ein, auf dem Sie die Lizenzen nutzen möchten:
link-until = Der Link gilt bis zum { $date }.
link-once = Der Link gilt für eine Person. Das Öffnen dieser Seite verbraucht ihn nicht. Wenn Sie den Link nicht angefordert haben, schließen Sie die Seite.
link-next = Legen Sie danach eine Sicherung an, damit Ihre Lizenzen erhalten bleiben, falls dieser Computer verloren geht.
link-expired-heading = Dieser Link ist abgelaufen
link-expired = Er galt bis zum { $date }. Bitten Sie { $name } um einen neuen:
link-withdrawn-heading = Dieser Link wurde zurückgezogen
link-withdrawn = { $name } hat ihn am { $date } zurückgezogen. Bitten Sie um einen neuen:
link-used-heading = Dieser Link wurde schon benutzt
link-used = Seine Lizenzen gehören der Person, die ihn zuerst benutzt hat. Wenn Sie das waren, stellen Sie Ihre Sicherung wieder her. Oder tippen Sie die Zeile auf einem Computer ein, den Sie angemeldet haben:
link-used-other = Wenn Sie es nicht waren, fragen Sie { $name }:

## Page of the service

home-title = Lizenzen
home-heading = Lizenzen von { $name }
home-what = Dieser Dienst merkt sich, welche Computer Ihre Lizenzen von { $name } nutzen dürfen. Er gibt Ihnen die Lizenzen zurück, wenn Sie eine Sicherung auf einem neuen Computer wiederherstellen.
home-how-heading = Mit Restow nutzen
home-how = Tippen Sie auf Ihrem Computer ein:
home-fingerprint = Restow zeigt den Fingerabdruck des Dienstes. Vergleichen Sie ihn mit diesem:
home-next = Folgen Sie danach den Links, die Sie von { $name } bekommen: restow acquire 'LINK'

## Page for an unknown path

missing-title = Seite nicht gefunden
missing-heading = Diese Seite gibt es nicht
missing-how = Prüfen Sie, ob Sie die ganze Adresse kopiert haben.
method-title = Keine Seite
method-heading = Diese Adresse ist für Programme
method-how = Ein Browser kann sie nicht anzeigen. Hier ist die Startseite des Dienstes:
