//! The partner face: who may call, and how often. Read by `http/identity/token` and `http/partner_center/caller`.

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
