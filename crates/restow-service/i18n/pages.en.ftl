### Texts of the pages for people.

date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
 } { $year }
questions = Questions?
privacy = Privacy
number = The number to quote:

## Page about a limit

limit-title = Too many computers
limit-heading = The limit of computers for this license is reached
limit-heading-titled = The limit of computers for “{ $title }” is reached
limit-allowed = { $limit ->
    [0] The license may not be on any computer any more.
    [one] The license may be on 1 computer at a time.
   *[other] The license may be on { $limit } computers at the same time.
 }
shop-heading = { $name } can help you now
shop-release = No computer that you used in the last 30 days can release another one now. { $name } can do it at once: ask to release the computer that you no longer have.
shop-confirm = No other computer that you used in the last 30 days can confirm this one now. { $name } can do it at once: ask to confirm your new computer.
holders-heading = Computers with this license
no-holders = No computer has this license now.
room = There is room for another computer now. Restore again.
seen = last seen on
confirmed = confirmed
unconfirmed = not confirmed
this-computer = this computer
release = { $count ->
    [one] To use the license on another computer, release a computer that you no longer need.
   *[other] To use the license on another computer, release { $count } computers that you no longer need.
 }
release-on = { $count ->
    [one] Type the line below its name. This works on your computer { $names }.
   *[other] Type the line below its name. This works on your computers { $names }.
 }
release-still = If you still have a confirmed computer, you can also do it yourself. On that computer, type the line below the name of the computer to release.
release-then = Then restore again. The licenses of the released computer stay in your backups.
appeal = If this does not help
appeal-how = If you cannot release any of these computers, or if one of them is not yours, ask { $name }:
appeal-none = Ask { $name } about this license:

## Page about a limit, where the new computer is not confirmed

confirm-title = Computer not confirmed
confirm-heading = Your new computer is not confirmed yet
confirm-why = It came from a backup. Too many unconfirmed computers received your licenses this year, so one of your other computers has to confirm it first.
confirm-on = { $count ->
    [one] Type this line on your computer { $names }:
   *[other] Type this line on one of your computers { $names }:
 }
confirm-still = If you still have a confirmed computer, you can also do it yourself. On that computer, type:
confirm-then = Then restore again.
confirm-appeal = If you have none of these computers any more, ask { $name }:

## Page of an acquisition link

link-title = Your licenses
link-heading = Your licenses are ready
link-how = Restow gets them with this link. On the computer where you want to use them, type:
link-until = The link works until { $date }.
link-once = The link works for one person. Opening this page does not use it up. If you did not ask for this link, close the page.
link-next = Then make a backup, so that you keep your licenses if this computer is lost.
link-expired-heading = This link has expired
link-expired = It worked until { $date }. Ask { $name } for a new one:
link-withdrawn-heading = This link was withdrawn
link-withdrawn = { $name } withdrew it on { $date }. Ask for a new one:
link-used-heading = This link was used
link-used = Its licenses belong to the person who used it first. If that was you, restore your backup, or type the line again on a computer that you registered:
link-used-other = If it was not you, ask { $name }:

## Page of the service

home-title = Licenses
home-heading = Licenses from { $name }
home-what = This service keeps track of the computers that may use your licenses from { $name }. It gives the licenses back to you when you restore a backup on a new computer.
home-how-heading = Use it with Restow
home-how = On your computer, type:
home-fingerprint = Restow shows the fingerprint of the service. Compare it with this one:
home-next = Then follow the links that you get from { $name }: restow acquire 'LINK'

## Page for an unknown path

missing-title = Page not found
missing-heading = This page does not exist
missing-how = Check that you copied the whole address.
method-title = Not a page
method-heading = This address is for programs
method-how = A browser cannot show it. Go to the start page of the service:
