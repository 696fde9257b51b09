//! The page this product starts from, sentence by sentence: who does what before billing starts, by API and by the
//! publisher's pages.

mod s01_s07_partner;
mod s04_s22_purchase;
mod s10_s16_manage;
mod s17_publisher_steps;
mod s18_s19_link;
mod s23_s24_information;
mod s24_s25_duties;
mod s26_s28_keys;
mod s29_s33_terms;
