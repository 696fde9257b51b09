//! Money: whole minor units and a currency with the digits of ISO 4217. Called by billing and the catalogue.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::refusal::Refusal;

/// A currency of ISO 4217 that the catalogue uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Currency {
    /// Euro.
    Eur,
    /// Korean won.
    Krw,
    /// United States dollar.
    Usd,
}

impl Currency {
    /// Digits after the point (ISO 4217).
    #[must_use]
    pub fn digits(self) -> u32 {
        match self {
            Self::Eur | Self::Usd => 2,
            Self::Krw => 0,
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Krw => "KRW",
            Self::Usd => "USD",
        }
    }
}

impl Currency {
    /// What people write before an amount.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eur => "€",
            Self::Krw => "₩",
            Self::Usd => "$",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        [Self::Eur, Self::Krw, Self::Usd]
            .into_iter()
            .find(|currency| currency.code() == text)
            .ok_or_else(|| Refusal::field("currency", format!("{text:?} is no known currency")))
    }
}

/// An amount in minor units: cents of a dollar, won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// unit price × quantity, truncated toward zero at the currency's digits (partner-center.md 2.4, rounding).
    /// `None` when it does not fit.
    #[must_use]
    pub fn of(unit_price: Decimal, quantity: i64, currency: Currency) -> Option<Self> {
        let product = unit_price.checked_mul(Decimal::from(quantity))?;
        let scale = Decimal::from(10_i64.pow(currency.digits()));
        let minor = product.checked_mul(scale)?.trunc().to_i64()?;
        Some(Self { minor, currency })
    }

    /// The amount in major units, with the currency's digits.
    #[must_use]
    pub fn major(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_truncated_at_the_digits_of_the_currency() {
        for (price, quantity, currency, major) in [
            ("9.408", 12, Currency::Usd, "112.89"),
            ("9.408", -10, Currency::Usd, "-94.08"),
            ("20", 5, Currency::Usd, "100.00"),
            ("24000", 20, Currency::Krw, "480000"),
            ("0.99", 3, Currency::Krw, "2"),
            ("0.005", 1, Currency::Eur, "0.00"),
        ] {
            let money = Money::of(price.parse().unwrap(), quantity, currency).unwrap();
            assert_eq!(money.major().to_string(), major, "{price} x {quantity} {currency}");
        }
    }

    #[test]
    fn what_does_not_fit_is_no_money() {
        assert_eq!(Money::of("9999999999999".parse().unwrap(), i64::MAX, Currency::Usd), None);
    }
}
