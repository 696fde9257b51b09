# Words for people that the broker says. en.ftl and ko.ftl hold the same keys, from the day ko.ftl exists.

waiting-licenses = Billing waits for Licenses assigned: { $assigned } of { $required }. The publisher calls licenseAssignments.
waiting-fulfillment = Billing waits for Fulfillment confirmed. The publisher calls activate.

term-months = { $count ->
    [one] 1 month
   *[other] { $count } months
}
term-years = { $count ->
    [one] 1 year
   *[other] { $count } years
}

# Terms in the catalogue of the partner face.
term-subscription-months = { $count } Month Subscription
term-subscription-years = { $count } Year Subscription

## Pages

rehearsal = Rehearsal
skip = Skip to content

picker-title = Choose an account
picker-lead = { $publisher } signs you in. No password: every account here is invented. Sandbox “{ $sandbox }”.
picker-wrong = This account cannot be used here. Choose one of those below.
picker-personal = Personal accounts
picker-no-mail = Has no mail address
picker-approval = An administrator must approve apps first
role-GlobalAdmin = Global admin
role-AdminAgent = Admin agent
role-SalesAgent = Sales agent
role-BillingAdmin = Billing admin
role-none = No role
picker-cancel = Cancel
picker-foot = A rehearsal. Nothing is bought, charged or mailed.

access-title = Enter the access code
access-lead = This rehearsal can be reached from other machines, so it asks who has been invited.
access-label = Access code
access-hint = It is in the file access-code of the data dir, and was printed when the rehearsal started.
access-wrong = This is not the access code of this rehearsal.
access-button = Continue

approval-title = An administrator must approve
approval-text = { $organization } lets only its administrators approve apps. { $name } cannot use the landing page of { $publisher } before one has.
approval-hint = This is how a real tenant with restricted consent answers. Go back to see what the landing page says.
approval-back = Return to the app without consent

post-title = Signing in
post-text = Your browser sends the answer on by itself. If it does not, use the button.
post-button = Continue

signed-out-title = Signed out
signed-out-text = No account is remembered here any more. You can close this page.

sign-in-refused-title = Sign-in cannot begin
sign-in-refused-text = The app that sent you here is registered in another way. Its developer can mend this:
sign-in-stale-title = This page is too old
sign-in-stale-text = Its form was opened in another session. Go back to the app and sign in again.
sign-in-host-title = Not under this name
sign-in-host-text = Accounts are shown only under the broker’s own host names and to its own pages. Add a name with --allowed-host.
sign-in-busy-title = The broker is busy
sign-in-busy-text = It, or its database, is out of reach for a moment. Load the page again.
