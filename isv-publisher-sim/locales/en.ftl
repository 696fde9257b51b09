# Words of the publisher's pages. Names of the page come first.

skip = Skip to content
site-name = Publisher
tag-site = Publisher’s site
tag-console = Publisher’s console

term-months = { $count ->
    [one] 1 month
   *[other] { $count } months
 }
term-years = { $count ->
    [one] 1 year
   *[other] { $count } years
 }
party = { $name }, { $email }
licenses-assigned = Licenses assigned
fulfillment-confirmed = Fulfillment confirmed
licenses-of = { $assigned } of { $required }

## Landing page

opened-for = Opened from the marketplace for { $name }
signed-in-as = Signed in as { $who }.
landing-setup = Set up { $offer } for { $customer }
landing-setup-lead = We recognized your purchase from the link. Nothing is billed while you fill this in.
landing-submitted-lead = Your information arrived. What is left is on our side, unless the list below says otherwise.
landing-manage = Manage { $offer } for { $customer }
landing-manage-lead = Fulfillment is confirmed: the subscription is active at the marketplace.
landing-ended = { $offer } for { $customer } has ended
landing-ended-lead = The subscription was unsubscribed at the marketplace. It cannot be set up or changed any more; buy again to start over.
landing-suspended = The marketplace has suspended this subscription because a payment failed. Nothing can be set up until it is reinstated.

gate-billing-since = Billing started { $at }
gate-ended-before = Ended before billing started
gate-not-started = Billing has not started
gate-both-in = Both keys in
gate-count = { $turned } of 2 keys in
gate-with-activation = Counted with the confirmation of fulfillment
gate-never = Never came
gate-waiting = Waiting
gate-waiting-of = Waiting: { $assigned } of { $required }
gate-missing = { $missing ->
    [one] 1 license is missing
   *[other] { $missing } licenses are missing
 }
gate-assign-next = { $required ->
    [one] We assign 1 license next
   *[other] We assign { $required } licenses next
 }
gate-assign-later = { $required ->
    [one] We assign 1 license after your form arrives
   *[other] We assign { $required } licenses after your form arrives
 }
gate-confirm-later = We confirm the finished setup to the marketplace
gate-by = By { $name }
gate-billing = Billing
gate-billing-starts = Billing starts
gate-billing-started = Billing started
gate-never-started = Never started
gate-not-yet = Not started
gate-when-both = When both are done

form-title = Information we need
form-again-title = Name more people
form-invalid = Not saved. One entry or more needs a change.
form-not-saved = Not saved, because the marketplace does not answer: { $said }. Your entries are kept; submit them again.
form-site = Site address
form-site-hint = becomes your-entry.{ $domain }
form-admin-name = First administrator
form-admin-email = Administrator’s e-mail
form-people = People who get a license, up to { $licenses }
form-people-hint = One address a line.
form-come-back = You can come back by the same link for 24 h.
form-submit = Submit information

error-site-empty = Enter the first part of the address, for example hanbitgaram.
error-site-label = Use a to z, 0 to 9 and hyphens inside, for example hanbit-garam.
error-name-empty = Enter the name of the person who sets the product up.
error-email-empty = Enter an e-mail address.
error-email = Enter one e-mail address, as in name@company.example.
error-email-dot = The part after @ needs a dot, as in company.example.
error-people-empty = Name at least one person, one e-mail address a line.
error-people-line = Line { $line } is not an e-mail address. Enter one a line, as in name@company.example.
error-people-twice = Line { $line } names somebody a second time. Name each person once.
error-people-too-many = { $named } people are named, and { $licenses } licenses were bought. Name up to { $licenses }.
error-too-long = Too long: enter up to { $max } characters.
error-invisible = Contains a line break or another invisible character. Enter it on one line.

submitted-title = Information as submitted
submitted-at = Arrived { $at }
submitted-people = People with a license

bought-title = Your purchase
bought-name = Name
bought-offer = Offer
bought-plan = Plan
bought-licenses = Licenses
bought-term = Term
bought-used-by = Used by
bought-by = Bought by
bought-subscription = Subscription

steps-title = What happens next
step-done = done
step-submit = You submit the information
step-assign = { $required ->
    [one] We assign 1 license
   *[other] We assign { $required } licenses
 }
step-assign-detail = First key
step-confirm = We confirm fulfillment
step-confirm-detail = Second key. Billing starts when both are in
step-pass-on = You send the site address to the people who use it
step-pass-on-detail = We do not write to them

wanted-title = To be done before you change something

## Pages of an account

wanted-heading = To be done for { $offer }
wanted-lead = { $name } asks for this before your partner changes the subscription. Press the button when it is done: the marketplace is told, and what waited for it is possible.
wanted-blocks = Waits for it: { $changes }
wanted-open = Not done yet
wanted-done = Done { $at }
wanted-account = To the page of the account
wanted-button = This is done
wanted-ended = The subscription has ended: nothing waits for this any more.
wanted-elsewhere = It is done at { $url }.
block-cancel = Cancel
block-suspend = Suspend
block-resume = End a suspension
block-quantity = Change the number of licenses
block-auto-renew = Turn auto-renew on or off
block-reseller = Change the indirect reseller
block-nickname = Change the nickname

## Links that lead nowhere

link-missing-title = This page needs the link of your purchase
link-missing-text = Open it from the marketplace: Go to publisher’s site, or the activation link you were sent. If you came by that link before, this browser’s visit has ended; open the link again.
link-garbled-title = This link cannot be read
link-garbled-text = Part of it was lost or changed on the way, for example in a mail or by copying. Open the link from the marketplace again, or copy it whole, with every + / and = in it.
link-expired-title = This link has expired
link-expired-text = An activation link works for 24 h. Ask for a fresh one: choose Go to publisher’s site at the marketplace, or have the partner who bought the subscription send a new link.
link-another-title = This link is for another publisher
link-another-text = The purchase it stands for is not one of ours. Open the link from the marketplace again; it leads to the right publisher’s site.

## Visitors who are not let in

visitor-other = Use another account
visitor-choose = Choose another account
visitor-choose-one = Choose an account
visitor-sign-in = Sign in
visitor-again = Sign in again
visitor-is = You are signed in as { $who }.
visitor-said = The marketplace’s sign-in says: { $said }.
visitor-needed-title = Sign in first
visitor-needed-text = Nothing was saved. Sign in, and send the form again.
visitor-no-visit-title = This sign-in has lost its visit
visitor-no-visit-text = The visit has ended, or this browser keeps no cookies for this site. Allow cookies, then open the link of your purchase again.
visitor-unknown-title = This sign-in is over
visitor-unknown-text = It was used already, is older than an hour, or belongs to another visit. Nothing was changed. Sign in again.
visitor-denied-title = You did not sign in
visitor-denied-text = The purchase opens once you have signed in. Choose the account you bought with, or the one that will use it.
visitor-consent-title = Your administrator must approve this app first
visitor-consent-text = Your organization lets nobody sign in here before an administrator has approved it. Ask an administrator, or choose another account.
visitor-failed-title = The sign-in did not work
visitor-failed-text = The marketplace’s sign-in sent you back with an error. Nothing was changed. Sign in again; if it happens again, tell whoever runs this publisher.
visitor-code-title = The sign-in took too long
visitor-code-text = It must be finished within a minute of choosing the account, and counts once. Nothing was changed. Sign in again.
visitor-unsound-title = The sign-in cannot be trusted
visitor-unsound-text = What came back does not prove who you are, so you were not signed in. Sign in again; if it happens again, tell whoever runs this publisher.
visitor-down-title = The marketplace does not answer
visitor-down-text = Signing in needs the marketplace. Your visit is kept: sign in again in a moment.
visitor-not-theirs-title = This purchase is not open to your account
visitor-not-theirs-text = It opens to the person it was bought for and to the person who bought it. If one of them is you, choose that account; else ask the person who sent you the link.

## Pages that are not shown

not-found-title = Page not found
not-found-text = There is no sandbox, publisher or purchase under this address. Check it, or open the link of your purchase again.
method-title = Not this way
method-text = This address does not take that kind of request. Go back and use the buttons of the page.
foreign-host-title = Wrong name
foreign-host-text = This site does not answer under the name in your address bar. Use the address it printed at its start, or set its public URL.
foreign-origin-title = Form of another site
foreign-origin-text = The form was sent from another site and was not taken. Open the page here and send it again.
stale-form-title = The form is out of date
stale-form-text = It belongs to another visit or session. Nothing was changed. Go back, load the page again and repeat the entry.
unreadable-form-title = The form cannot be read
unreadable-form-text = A field is missing, or the text is not UTF-8. Nothing was changed. Go back and send it again.
too-long-title = Too long
too-long-text = A form may hold 64 KiB. Nothing was changed. Name fewer people at once.
refused-title = Not possible now
refused-text = Nothing was changed.
marketplace-title = The marketplace does not answer
marketplace-text = Your purchase could not be looked up, and nothing was kept. Open the same link again in a moment.
marketplace-said = The marketplace does not help: { $said }.
broken-title = Something broke here
broken-text = Nothing was changed. Load the page again; if it happens again, the log of the publisher says why.

refused-information-missing = The information has not arrived. The buyer submits it on the landing page first.
refused-information-complete = The information has arrived, with a person for every license. It is not changed here any more.
refused-too-many-steps = 20 steps are declared, and the marketplace takes no more. Remove one first.
refused-underway = The same step is on its way to the marketplace.
refused-licenses-assigned = All licenses are assigned.
refused-nobody-new = Everybody named has a license. The buyer names more people on the landing page first.
refused-fulfillment-confirmed = Fulfillment is confirmed.
refused-ended = The subscription has ended.
refused-suspended = The marketplace has suspended the subscription. It must be reinstated first.

## Console

sign-in-title = Sign in to the publisher’s console
sign-in-lead = The console turns the two keys, so it asks for the control token of this rehearsal.
sign-in-token = Control token
sign-in-hint = It is in the file control-token of the data folder.
sign-in-wrong = Not signed in. This is not the control token of this rehearsal.
sign-in-wrong-hint = Copy it whole from the file control-token of the data folder.
sign-in-code-lead = This publisher can be reached from other machines, and its console turns the two keys: it asks for the access code of this rehearsal.
sign-in-code = Access code
sign-in-code-hint = Printed at the start, and kept in the file access-code of the broker’s data folder. The account picker asks for the same one. The control token opens the console, too.
sign-in-code-wrong = Not signed in. This is not the access code of this rehearsal.
sign-in-code-wrong-hint = Copy it whole from the file access-code of the broker’s data folder.
sign-in-button = Sign in
sign-out = Sign out

console-title = Purchases
console-lead = A purchase appears when its landing page is opened, or when the marketplace tells of it.
console-time = Marketplace time { $at }.
console-time-unknown = Marketplace time unknown.
console-empty-title = No purchases yet
console-empty-text = Buy something at the marketplace and open its activation link; the purchase appears here.
console-row = { $offer }, { $plan }
console-bought-itself = { $customer }, bought itself
console-bought-by = { $customer }, by { $partner }
console-information = Site { $site }, run by { $name } ({ $email }), people named: { $people }
console-information-flat = Site { $site }, run by { $name } ({ $email })
console-no-information = The information has not arrived
console-licenses-in = Licenses assigned { $at }
console-licenses-open = Waits for Licenses assigned
console-fulfillment-in = Fulfillment confirmed { $at }
console-fulfillment-open = Waits for Fulfillment confirmed
console-assign = Assign licenses
console-confirm = Confirm setup
console-setup = Report who submitted the information
console-steps = Tell the steps
console-refused = { $step }: refused by the marketplace. { $said }
console-retried = { $step }: not delivered yet, tried again soon. { $said }
console-underway = { $step }: on its way
console-term = Term { $start } to { $end }
column-purchase = Plan and customer
column-licenses = Licenses
column-state = State
column-keys = Keys
column-do = Do
state-ended = Ended
state-suspended = Suspended
state-billing = Subscribed
state-awaiting = Waits for information
state-setup = Setup open

## An account in the console

account-information = Information
account-sign-in = Sign-in URL
account-none = The marketplace is told when the information arrives
account-steps = Steps before a partner changes something
account-steps-lead = The marketplace refuses a partner’s change while a step that it waits for is not done, and shows the partner its title and address.
account-steps-empty-title = No steps
account-steps-empty-text = Declare one below, for example: export your data before the subscription is canceled.
account-done = Mark as done
account-remove = Remove
account-declare-title = Declare a step
account-step-title = What is to be done
account-step-title-hint = One line, as the partner reads it.
account-step-url = Address
account-step-url-hint = Where it is done. Leave it empty for a page of this publisher’s with a button.
account-step-blocks = Changes that wait for it
account-declare = Declare the step
column-step = Step
error-step-title-empty = Say what is to be done.
error-step-title = Enter up to 200 characters on one line.
error-step-url = Enter a whole web address, http or https, without # and without a password, or leave it empty.
error-step-blocks = Choose at least one change.

## Webhooks

inbox-title = Webhooks
inbox-lead = What the marketplace told, newest first.
inbox-empty-title = No webhooks yet
inbox-empty-text = When a customer or the marketplace changes a subscription, the marketplace tells this publisher, and it appears here.
inbox-no-time = Time unknown
inbox-times = came { $count } times
inbox-plan = Plan { $plan }
inbox-plan-and-licenses = Plan { $plan }, { $quantity ->
    [one] 1 license
   *[other] { $quantity } licenses
 }
inbox-unreadable = Unreadable
column-webhook = Webhook
column-checked = Checked
column-answer = Answer
column-done = Done
checked-token-v1 = Token v1
checked-token-v2 = Token v2
checked-signature = Standard Webhooks
checked-operation = operation read again
checked-not = Not the marketplace’s, or not what it says
checked-put-off = Could not be checked
done-nothing = Refused, nothing done
done-put-off = Put off, nothing done
done-unavailable = Nothing done: the server is down, as chosen
done-unread = Nothing done: the marketplace could not be asked
done-unknown = Taken, nothing done: the action is not known here
done-refused = Change refused, as chosen
done-patching = Our answer is on its way
done-following = Waits for the marketplace’s decision
done-applied = Done, seen { $at }
done-not-applied = Not done, seen { $at }; nothing changed here
done-lost = Given up
patch-sent = PATCH { $verdict }
patch-answered = PATCH { $verdict }: { $status }
patch-late = PATCH { $verdict }: { $status }, it was decided before
patch-refused = PATCH { $verdict }: { $status }. { $said }
note-again = Tried again soon: { $said }
note-said = The marketplace: { $said }
behavior-title = How webhooks are answered
behavior-lead = Holds for the next webhook of each publisher, until it is changed.
behavior-accept = Accept: 200, then PATCH Success
behavior-accept-silently = Accept silently: 200, no PATCH
behavior-refuse-by-patch = Refuse by PATCH: 200, then PATCH Failure
behavior-refuse = Refuse: 400 to a change of plan or licenses
behavior-fail = Fail: 503 to everything
behavior-button = Set

## Usage

usage-title = Usage
usage-lead = What customers used beyond the included units, hour by hour, as it was reported to the marketplace; newest first.
usage-empty-title = No usage yet
usage-empty-text = When an hour of a metered plan is over and its customer used more than is included, it is reported and appears here.
usage-hours = { $count } hours from { $from }
usage-waiting = On its way
usage-accepted = Accepted
usage-duplicate = Counted before
usage-expired = Lost: too late
usage-refused = Refused
usage-skipped = Lost: too late to report
column-dimension = Dimension and hour
column-units = Units
column-became = What became of it
reporting-title = Whether usage is reported
reporting-lead = Holds for each publisher, until it is changed. What is used while it stays silent is reported afterwards, as far as the marketplace still takes it.
reporting-report = Report: every hour, what goes beyond the included units
reporting-silent = Stay silent
