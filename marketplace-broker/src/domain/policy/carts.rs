//! Carts and orders of partners. Read by `domain/cart` and `domain/order`.

use super::quirk;

quirk! {
    64 "cart_life" CartLife
    "How long a cart can be checked out"
    source "partner-center.md 3.4: text and sample 7 days; the sample of 2019 fifteen minutes", "2023-07";
    {
        Week "week" "7 days from its creation",
        QuarterHour "quarter_hour" "15 minutes from its creation",
    }
    documented Week, observed Week, sdk2 Week
}

quirk! {
    65 "second_checkout" SecondCheckout
    "The check-out of a cart that was checked out"
    source "partner-center.md 3.4, Q12: checkout is documented as idempotent; its error table has 800065, submitted already", "2023-07";
    {
        Replay "replay" "201 with the same orders",
        Refuse "refuse" "400, 800065",
    }
    documented Replay, observed Replay, sdk2 Replay
}

quirk! {
    66 "order_list_delay" OrderListDelay
    "When a new order is in the list of a customer's orders"
    source "partner-center.md 3.5: it may take up to 15 minutes; by its id an order is found at once", "2023-07";
    {
        None "none" "at once",
        QuarterHour "quarter_hour" "after 15 minutes",
    }
    documented None, observed None, sdk2 None
}
