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
