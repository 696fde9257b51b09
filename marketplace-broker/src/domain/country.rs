//! Countries: which there are, and what some ask of companies. Called by the rules of customers, the catalogue and offers.

use std::fmt;

/// The two-letter codes of ISO 3166-1, in order.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Whether it is the code of a country, in upper case.
#[must_use]
pub fn is_country(code: &str) -> bool {
    COUNTRIES.split(' ').any(|known| known == code)
}

/// What numbers a country registers companies by look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationForm {
    letters: bool,
    lengths: &'static [usize],
}

impl RegistrationForm {
    /// Whether a number looks so.
    #[must_use]
    pub fn fits(&self, number: &str) -> bool {
        let known = |byte: u8| byte.is_ascii_digit() || (self.letters && byte.is_ascii_uppercase());
        self.lengths.contains(&number.len()) && number.bytes().all(known)
    }
}

impl fmt::Display for RegistrationForm {
    /// As a regular expression, which the real service shows (600050).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = if self.letters { "[A-Z0-9]" } else { r"\d" };
        let forms: Vec<_> =
            self.lengths.iter().map(|length| format!("{class}{{{length}}}")).collect();
        write!(f, "^({})$", forms.join("|"))
    }
}

/// The form of a country's numbers; `None`: the country wants none. Which countries do: Partner Center's table of error
/// codes (600049). The forms are those of the registers of each country (INFERRED: Microsoft shows them one by one).
#[must_use]
pub fn registration_form(country: &str) -> Option<RegistrationForm> {
    let (letters, lengths): (bool, &'static [usize]) = match country {
        "AM" | "HU" => (false, &[8]),
        "AZ" => (false, &[10]),
        "BY" | "TJ" | "UZ" => (false, &[9]),
        "IN" => (true, &[10, 15, 21]),
        "KG" => (false, &[14]),
        "KZ" => (false, &[12]),
        "MD" => (false, &[13]),
        "RU" => (false, &[10, 12]),
        "UA" => (false, &[8, 10]),
        _ => return None,
    };
    Some(RegistrationForm { letters, lengths })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_their_two_letters() {
        assert_eq!(COUNTRIES.split(' ').count(), 249);
        assert!(COUNTRIES.split(' ').collect::<Vec<_>>().is_sorted());
        for code in ["US", "KR", "DE", "ZW"] {
            assert!(is_country(code), "{code}");
        }
        for code in ["", " ", "us", "XX", "USA", "U", "AD AE"] {
            assert!(!is_country(code), "{code}");
        }
    }

    #[test]
    fn numbers_of_companies_have_the_form_of_their_country() {
        let russian = registration_form("RU").unwrap();
        assert_eq!(russian.to_string(), r"^(\d{10}|\d{12})$");
        assert!(
            russian.fits("7707083893") && !russian.fits("770708389") && !russian.fits("770708389A")
        );
        let indian = registration_form("IN").unwrap();
        assert!(indian.fits("AAACB1234C") && !indian.fits("aaacb1234c"));
        assert_eq!(registration_form("US"), None);
    }
}
