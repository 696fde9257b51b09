//! The partner face: who may call, and how often. Read by `http/identity` and `http/partner_center/caller`.

use super::quirk;

quirk! {
    58 "graph_windows_net" GraphWindowsNet
    "A partner's token for https://graph.windows.net, which the .NET SDK 3.4.0 asks for unless it is told another resource"
    source "partner-center.md P-4: since 31 Aug 2025 only https://api.partnercenter.microsoft.com is accepted", "2025-08-31";
    {
        Take "take" "it is as good as one for https://api.partnercenter.microsoft.com",
        Refuse "refuse" "the token endpoint answers invalid_resource (AADSTS500011), the partner face 401 (800001); breaks the .NET SDK's default",
    }
    documented Take, observed Refuse, sdk2 Take
}

quirk! {
    67 "refresh_token_reuse" RefreshTokenReuse
    "A refresh token that was used before; each use gives a new one"
    source "Microsoft, 'Refresh tokens in the Microsoft identity platform': old ones are not revoked; RFC 9700 4.14.2 would", "2025-01";
    {
        Taken "taken" "it is good until its 90 days are over",
        Refused "refused" "invalid_grant (AADSTS50173), and all tokens that began with the same sign-in end",
    }
    documented Taken, observed Taken, sdk2 Taken
}

quirk! {
    68 "partner_rate_limit" PartnerRateLimit
    "How many calls a partner's tenant may make to customers, orders and subscriptions"
    source "partner-center.md 3.0, P60: 500 a minute; off here, so that a rehearsal is not slowed down", "2023-10";
    {
        Off "off" "any number",
        PerMinute500 "per_minute_500" "after 500 in a minute of real time 429 with Retry-After, until the minute is over",
    }
    documented Off, observed PerMinute500, sdk2 Off
}
