### Words for people, as the verbs of `rehearse` print them.

## What goes wrong

no-runtime = this machine gives the program no threads
no-client = the HTTP client cannot be built
nothing-answers = nothing answers at { $url }: start a broker with `rehearse up`
call-failed = the call to { $url } failed
strange-answer = { $url } gives an answer this program does not know: is it a broker of the same version?
waited-in-vain = waited { $seconds } s in vain for { $what }
interrupted = interrupted
none-running = no broker runs from { $dir }: start one with `rehearse up`, or name one by --url or REHEARSE_URL
no-token = no control token in { $file }: set REHEARSE_TOKEN, or name the broker's data dir by --data-dir
unreadable = { $file } cannot be read
unwritable = { $file } cannot be written
token-unreadable = the token holds characters that no token has
token-refused = the control token is not this broker's: check REHEARSE_TOKEN or --data-dir
refused = refused ({ $status }): { $detail }
refused-bare = refused with status { $status }
publisher-refused = the publisher's call was refused ({ $status }): { $detail }
no-detail = no reason given
partner-refused = the partner's call was refused ({ $status }): { $detail }
no-bearer = the publisher's app got no bearer token (status { $status })
not-an-instant = give an instant such as 2027-01-31T00:00:00Z, or next-event
not-a-duration = give an ISO 8601 duration that leads forward, such as P1M, P1D or PT2H
no-customers = this rehearsal sandbox has no customer that fits
no-such-customer = no customer is called { $named }; there are { $known }
nothing-sold = no plan that fits is sold in { $country }
no-publisher = this rehearsal sandbox has no publisher contoso

## What is waited for

wait-bearer = the publisher's bearer token
wait-ready = { $url } to be ready
wait-billing = billing to start
wait-charge = the first charge
wait-button = the button { $label } on the publisher's console
wait-exchange = the publisher's call { $name }

## buy

bought = Bought { $plan } of { $offer }.
bought-subscription = {"  "}subscription        { $id }
bought-order = {"  "}order               { $id }
bought-link = {"  "}activation link     { $link }
bought-code = {"  "}authorization code  { $code }
bought-until = {"  "}both work until     { $until } (sandbox time)

## trigger

triggered = Started: { $action }, operation { $operation }.
triggered-next = What the publisher says to it: rehearse webhook show { $operation }{ $flags }
triggered-later = The payment of the next renewal will fail; its operation is made then.
triggered-later-next = To go there: rehearse clock advance --to next-event{ $flags }

## webhook

webhook-none = There is no webhook.
webhook-line = { $at }  { $id }  { $action } { $state }  tries { $attempts }, last: { $outcome }; subscription { $subscription }
webhook-next = To see one with every attempt: rehearse webhook show { $id }{ $flags }
webhook-title = Webhook { $id }: { $action } of subscription { $subscription }, for publisher { $publisher }
webhook-state = {"  "}{ $state }; made at { $at } (sandbox time)
webhook-next-attempt = {"  "}tried again at { $at }
webhook-body = Body:
webhook-no-attempt = No attempt yet.
webhook-attempts = Attempts ({ $kept } of { $all } shown):
webhook-attempt = {"  "}{ $number }  { $at }  { $ms } ms  { $came }; verdict: { $verdict }
webhook-attempt-url = {"       "}to { $url }
webhook-attempt-answer = {"       "}answer: { $answer }
webhook-no-answer = no answer
webhook-no-outcome = not tried yet
webhook-resent = Webhook { $id } is sent again ({ $times } x).
webhook-resent-next = What comes of it: rehearse webhook show { $id }{ $flags }
webhook-held = Webhooks of the sandbox are held back from now on.
webhook-released = Webhooks of the sandbox leave again.
webhook-sending = sending
webhook-behind = behind
webhook-retrying = retrying
webhook-acknowledged = acknowledged
webhook-rejected = rejected
webhook-given-up = given up
webhook-superseded = superseded

## clock

clock-runs = { $now }, the clock runs
clock-stands = { $now }, the clock stands
clock-next = Next: { $kind } at { $at }, subscription { $subscription }
clock-no-next = Nothing is due.
clock-moved = From { $from } to { $to }.
clock-nothing-happened = Nothing became due on the way.
clock-webhooks = Webhooks tried on the way:
clock-happened = {"  "}{ $at }  { $kind }  { $subscription }

## up

up-title = The rehearsal is running.
up-broker = {"  "}marketplace      { $url }
up-publisher = {"  "}publisher        { $url }
up-console = {"  "}its console      { $url }/s/default/console asks for the control token, which is in { $file }
up-landing = {"  "}landing page     { $url } ({ $publisher }); buyers arrive there by an activation link
up-webhook = {"  "}webhooks         { $url } ({ $publisher })
up-console-code = {"  "}its console      { $url }/s/default/console asks for the access code below
up-access-code = {"  "}access code      { $code }: the account picker and the console ask for it, because others reach this address
up-tls = {"  "}trust            { $file }: the development CA that vouches for both
up-state = {"  "}state            { $database }, in { $dir }
up-explicit = licenseConfirmation is explicit: billing starts when the publisher has called licenseAssignments and activate.
up-with-activation = licenseConfirmation is withActivation: activate counts for both confirmations, and billing starts with it.
up-change = To change it: start with --license-confirmation { $other }, or call
up-change-call = {"  "}curl -X PUT -H "Authorization: Bearer $(cat '{ $file }')" -H 'Content-Type: application/json' -d '{"{"}"licenseConfirmation":"{ $other }"{"}"}' { $url }/rehearsal/v1/sandboxes/default/publisher
up-buy = To buy something: rehearse buy --data-dir '{ $dir }'
up-webhooks = To see webhooks with every attempt: rehearse webhook ls --data-dir '{ $dir }'
up-stop = To stop: Ctrl-C
stopping = Stopping.

## demo: the story

demo-title = One sale, from purchase to billing
step-purchase = The partner buys
step-activation-link = The partner asks for a fresh activation link
step-landing-opened = The visitor opens the link
step-token-resolved = The publisher resolves the purchase token
step-information-submitted = The visitor submits the information
step-licenses-assigned = Key 1: the publisher assigns the licenses
step-billing-waiting = Billing waits
step-fulfillment-confirmed = Key 2: the publisher confirms the setup
step-billing-started = Billing has started
step-first-charge = The first charge is made
told-purchase = { $partner } buys { $quantity } licenses of { $offer }, { $plan }, for { $customer }: subscription { $id }
told-link = it works until { $until } UTC, sandbox time
told-landing = at { $url }; the token has left the address
told-signed-in = signed in at the marketplace with the account of { $domain } that it was bought for
told-form = { $quantity } people get a license; nothing is billed yet
told-first-key = { $quantity } of { $quantity } licenses assigned
told-second-key = the later of the two keys
told-billing = at { $at } UTC, the later of the two confirmations
waiting-for = { $words } ({ $call })

## demo: how it ended

heading-timeline = Timeline (UTC, sandbox time)
heading-sides = The subscription, as each side sees it
heading-charge = What was charged
heading-next = Where to look next
timeline-purchased = purchased
timeline-licenses = licenses assigned
timeline-fulfillment = fulfillment confirmed
timeline-billing = billing starts
timeline-waiting = waiting
not-yet = not yet
view-marketplace = {"  "}marketplace          { $state }, { $keys } of 2 keys in, { $assigned } of { $required } licenses assigned, billing since { $since }
view-publisher = {"  "}Fulfillment API      { $state }, quantity { $quantity }, term { $from } to { $to }, customer may: { $allowed }
view-console = {"  "}publisher's console  { $row }
view-console-nothing = does not list it
charge = {"  "}{ $type }: { $from } to { $to }, { $quantity } x { $price } = { $currency } { $subtotal }
next-up = {"  "}rehearse up          both services on fixed ports, until Ctrl-C; then rehearse buy
next-landing = {"  "}landing page         { $url }
next-kept = {"  "}still serving        marketplace { $broker }, publisher { $publisher }; Ctrl-C ends it
demo-good = Billing started once, at the later of the two confirmations, and was charged once.
demo-bad = billing started { $times } times with { $charges } charges; it must start once, at the later confirmation, with one charge

## demo: what the pages lack

no-page = no page is open
no-field = the page has no form with a field { $field }
no-choice = the page has no button for { $field } that mentions { $whom }
page-refused = the page { $url } answers { $status }: { $said }
redirect-nowhere = a page redirects without saying where to
redirected-in-circles = the pages redirect in circles
bad-link = the activation link is no URL
token-in-url = the purchase token still stands in the landing page's address
not-waiting = billing should wait for the second confirmation, and it does not

## offers

offers-not-json = { $file } is no JSON
offers-added = added { $offer }: product { $product }
offers-replaced = replaced { $offer }: product { $product }, revision { $revision }

## quirks

quirks-profile = profile { $profile }; what was set beside it is marked
quirks-count = { $count } quirks; `rehearse quirks show QUIRK` tells what each value means
quirk-set = { $value } (set)
quirk-unknown = there is no quirk { $id }; `rehearse quirks` lists them

## load

load-flows = flows
load-incomplete = all licenses were assigned, and the set is not complete
load-sandbox = measuring in the new rehearsal sandbox { $sandbox }
load-title = { $flows } flows, { $concurrency } clients, { $cores } cores
load-rates = { $flows } flows/s, { $requests } requests/s; GET /health/live alone { $health }/s
load-errors = { $errors } errors
load-step = step
load-alone = alone, /s
load-to-health = activate reaches { $percent } % of the rate of GET /health/live
load-to-single = activate reaches { $times } times the rate of a broker that commits each command alone
load-failed = { $errors } calls failed

## load --webhooks

load-subscriptions = subscriptions
load-one-publisher = this rehearsal sandbox has too few publishers
load-webhooks-late = webhooks that arrived when none was due
load-webhooks-bad = webhooks that the broker does not call acknowledged
load-webhooks-unreadable = webhooks without an id
load-webhooks-repeated = webhooks that arrived before
load-webhooks-missing = webhooks that did not arrive
load-webhooks-strange = webhooks that nobody expected
load-webhooks-title = { $webhooks } webhooks due at one instant, { $cores } cores; bare loop with { $concurrency } posts at a time
load-webhooks-rates = dispatch { $dispatch } webhooks/s, bare loop { $posts } posts/s
load-webhooks-to-posts = dispatch reaches { $percent } % of the rate of the bare loop
load-webhooks-neighbor = beside a publisher that takes { $seconds } s for each of { $neighbors } webhooks it reaches { $percent } % of its rate alone

## load --list

load-list-repeated = subscriptions listed twice
load-list-missing = subscriptions not listed
list-elsewhere = the link to the next page leads to another host
load-list-title = { $subscriptions } subscriptions on { $pages } pages, { $concurrency } clients, { $cores } cores
load-list-rates = { $buys } purchases/s, GET of one { $gets }/s, GET /health/live { $health }/s
load-list-pages = a page takes { $first } ms at the beginning, { $middle } ms in the middle ({ $middleRatio } times), { $last } ms at the end ({ $lastRatio } times)
load-list-to-health = GET of one reaches { $percent } % of the rate of GET /health/live

## load --usage

load-usage-title = { $events } usage events a round, { $cores } cores
load-usage-one-client = 1 client: { $batched } events/s in batches of 25, { $times } times the { $single } events/s one by one
load-usage-all-clients = { $clients } clients: { $batched } events/s in batches of 25, { $times } times the { $single } events/s one by one
load-usage-lost = a batch was answered with another number of results

## load --tokens

load-tokens-title = { $tokens } tokens a round, { $concurrency } clients, { $cores } cores
load-tokens-rates = token endpoint: { $tokens }/s; signatures of one core: { $signatures }/s
load-tokens-gets = reads with the look at their bearer: { $checked }/s; without: { $unchecked }/s
load-tokens-to-signatures = the token endpoint gives { $ratio } of the signatures of one core
load-tokens-checked = reads with the look go at { $ratio } of the rate without
load-tokens-none = the signing key is being made
load-no-baseline = there is no broker to compare with
load-tokens-no-key = no RSA key can be made for the comparison

## load --partner

load-partner-title = { $subscriptions } subscriptions of a customer, { $products } products, { $concurrency } clients, { $cores } cores
load-partner-rates = lists { $lists }/s, the same values from memory { $memory }/s; GET of one { $gets }/s, GET /health/live { $health }/s
load-partner-pages = of { $pages } pages of the catalogue, one takes { $first } ms at the beginning, { $middle } ms in the middle ({ $middleRatio } times), { $last } ms at the end ({ $lastRatio } times)
load-partner-ratios = the list reaches { $list } % of the rate from memory, GET of one { $get } % of the rate of GET /health/live
load-partner-no-price = no plan here is sold monthly to this customer


## usage

not-a-quantity = this is no number of units, or it has more than 28 digits
usage-event = { $quantity } { $dimension } at { $at }
usage-accepted = Accepted: { $event }, usage event { $id }.
usage-refused = { $status }: { $said }
usage-first = The hour has { $event }, usage event { $id }.
usage-no-answer = the broker answered no result
usage-not-metered = plan { $plan } meters nothing
usage-which-dimension = name one of the plan's dimensions with --dimension: { $dimensions }
usage-title = Plan { $plan }, term { $start } to { $end }
usage-title-no-term = Plan { $plan }, no term yet
usage-dimension = { $dimension }: { $overage } beyond { $included } included ({ $left } of them left), at { $price } each: { $amount } { $currency }
usage-unlimited = { $dimension }: unlimited
usage-none = no usage was accepted in this term
usage-more = and { $count } more
