//! A property: whatever publisher, customer and time do to a few subscriptions, the broker stands where a small model
//! stands, which is written from the contract (fulfillment.md 2) and knows nothing of the broker's code.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::support::{
    Answer, Db, Operator, PublisherApp, World,
    world::{START, flat, own, seats},
};

mod reference;

use reference::{Model, Status};

/// Sequences that are tried, each in a sandbox of its own, unless `REHEARSE_MODEL_CASES` says how many.
const CASES: u32 = 8;

/// What somebody asks of a subscription.
#[derive(Debug, Clone, Copy)]
enum Step {
    Activate,
    PatchPlan(&'static str),
    PatchQuantity(i64),
    Delete,
    Decide(&'static str),
    ActPlan(&'static str),
    ActQuantity(i64),
    Act(&'static str),
    FailAtTermEnd,
    Advance(&'static str),
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let plan = select(&["another", "another", "another", "the same", "bronze"][..]);
    let quantity = select(&[0, 3, 4, 5, 7, 501][..]);
    let act = select(&["suspend", "reinstate", "reinstate", "renew", "failPayment"][..]);
    let by = select(&["PT1S", "PT1S", "PT2S", "PT8S", "PT10S", "PT1M"][..]);
    let step = prop_oneof![
        2 => Just(Step::Activate),
        5 => plan.clone().prop_map(Step::PatchPlan),
        4 => quantity.clone().prop_map(Step::PatchQuantity),
        1 => Just(Step::Delete),
        1 => Just(Step::Act("unsubscribe")),
        4 => select(&["Success", "Failure"][..]).prop_map(Step::Decide),
        4 => plan.prop_map(Step::ActPlan),
        3 => quantity.prop_map(Step::ActQuantity),
        5 => act.prop_map(Step::Act),
        1 => Just(Step::FailAtTermEnd),
        10 => by.prop_map(Step::Advance),
        1 => Just(Step::Advance("P31D")),
    ];
    prop::collection::vec((select(&[0, 0, 0, 1, 2, 2][..]), step), 20..60)
}

/// The operation that an answer tells of, by its header or its body.
fn operation(answer: &Answer) -> String {
    match answer.header("operation-location").split('/').next_back() {
        Some(last) if !last.is_empty() => last.split('?').next().unwrap_or_default().to_owned(),
        _ => answer.text_at("/operationId"),
    }
}

/// A sandbox and what it should be.
struct Case {
    operator: Operator,
    app: PublisherApp,
    subscriptions: Vec<Model>,
    /// Those that were replaced because they had ended.
    ended: Vec<Model>,
    now: Timestamp,
}

impl Case {
    /// Three subscriptions: seats of the customer's own, seats by a partner, a flat rate; two are activated.
    async fn new(world: &World, webhook: &str, number: u32) -> Self {
        let (operator, app) = world.another_sandbox(&format!("case-{number}")).await;
        let settings = json!({"webhookUrl": webhook, "licenseConfirmation": "withActivation"});
        operator.configure(&settings).await.is(200);
        let now = START.parse().expect("an instant");
        let mut case = Self { operator, app, subscriptions: Vec::new(), ended: Vec::new(), now };
        for which in 0..3 {
            let bought = case.buy(which).await;
            case.subscriptions.push(bought);
        }
        for which in [0, 2] {
            case.play(which, Step::Activate).await;
        }
        case
    }

    async fn buy(&self, which: usize) -> Model {
        let purchase = [own(seats(3)), seats(3), own(flat())][which].clone();
        let answer = self.operator.purchase(&purchase).await.is(201);
        let id = answer.text_at("/subscriptionId");
        let plan = purchase["planId"].as_str().expect("a plan");
        let quantity = purchase["quantity"].as_i64();
        Model::bought(id, purchase["soldBy"] == "customer", plan, quantity, self.now)
    }

    async fn play(&mut self, which: usize, step: Step) {
        let had_ended = self.subscriptions[which].status == Status::Unsubscribed;
        self.take(which, step).await;
        for model in &mut self.subscriptions {
            model.pass_until(self.now);
        }
        for place in 0..self.subscriptions.len() {
            if place == which || matches!(step, Step::Advance(_)) {
                self.compare(&self.subscriptions[place]).await;
            }
        }
        if had_ended {
            // One step is enough to see that nothing happens to it any more.
            let next = self.buy(which).await;
            self.ended.push(std::mem::replace(&mut self.subscriptions[which], next));
            self.activate(which).await;
        }
    }

    async fn take(&mut self, which: usize, step: Step) {
        match step {
            Step::Advance(by) => self.take_time(by).await,
            Step::Activate => self.activate(which).await,
            Step::PatchPlan(plan) => self.patch(which, Some(plan), None).await,
            Step::PatchQuantity(quantity) => self.patch(which, None, Some(quantity)).await,
            Step::Delete => self.delete(which).await,
            Step::Decide(how) => self.decide(which, how).await,
            Step::ActPlan(plan) => self.ask(which, Some(plan), None).await,
            Step::ActQuantity(quantity) => self.ask(which, None, Some(quantity)).await,
            Step::Act(action) => self.act(which, action).await,
            Step::FailAtTermEnd => self.fail_at_term_end(which).await,
        }
    }

    async fn take_time(&mut self, by: &str) {
        self.operator.advance(&json!({"by": by, "settle": 0})).await.is(200);
        self.now += match by {
            "P31D" => SignedDuration::from_hours(31 * 24),
            _ => by.parse().expect("a duration"),
        };
    }

    async fn compare(&self, model: &Model) {
        let seen = self.app.subscription(&model.id).await.is(200);
        let listed = self.app.operations(&model.id).await.is(200).at("/operations");
        let open = listed.as_array().expect("a list").iter().map(|one| {
            let member = |name: &str| one.get(name).cloned().unwrap_or(Value::Null);
            let names = ["id", "action", "operationRequestSource", "status", "planId", "quantity"];
            Value::Array(names.map(member).to_vec())
        });
        let open: Value = open.collect();
        let [status, plan] = ["/saasSubscriptionStatus", "/planId"].map(|at| seen.at(at));
        let [quantity, start, end] =
            ["/quantity", "/term/startDate", "/term/endDate"].map(|at| seen.at(at));
        let seen = json!([status, plan, quantity, start, end, open]);
        assert_eq!(seen, model.shown(), "the broker, and the model at {}: {model:?}", self.now);
    }

    async fn activate(&mut self, which: usize) {
        let model = &mut self.subscriptions[which];
        let answer = self.app.activate(&model.id).await;
        match model.status {
            Status::Pending => {
                answer.is(200);
                model.status = Status::Subscribed;
                model.term_start = Some(self.now.to_zoned(TimeZone::UTC).date());
            }
            Status::Subscribed | Status::Suspended { .. } => drop(answer.is(400)),
            Status::Unsubscribed => drop(answer.is(404)),
        }
    }

    async fn patch(&mut self, which: usize, plan: Option<&'static str>, quantity: Option<i64>) {
        let model = &mut self.subscriptions[which];
        let plan = plan.map(|word| model.plan_called(word));
        let body = match plan {
            Some(plan) => json!({"planId": plan}),
            None => json!({"quantity": quantity}),
        };
        let fits = plan.map_or_else(
            || quantity.is_some_and(|quantity| model.takes(quantity)),
            |plan| model.sells(plan),
        );
        let free = model.status == Status::Subscribed && model.own && model.open.is_none();
        let answer = self.app.change(&model.id, &body).await;
        if !free || !fits {
            answer.is(400);
            return;
        }
        let action = if plan.is_some() { "ChangePlan" } else { "ChangeQuantity" };
        model.ask(operation(&answer.is(202)), action, "Partner", self.now);
        model.aim(plan, quantity);
    }

    async fn delete(&mut self, which: usize) {
        let model = &mut self.subscriptions[which];
        if model.status == Status::Unsubscribed {
            return; // 202 without effect; told by a test of its own
        }
        let answer = self.app.delete(&model.id).await;
        if !model.own {
            answer.is(400);
        } else if model.open.is_some() {
            answer.is(409);
        } else {
            model.ask(operation(&answer.is(202)), "Unsubscribe", "Partner", self.now);
        }
    }

    /// Answers what is open, or what ended last.
    async fn decide(&mut self, which: usize, how: &'static str) {
        let model = &mut self.subscriptions[which];
        if let Some(open) = &model.open {
            self.app.decide(&model.id, &open.id, how).await.is(200);
            let reinstated = open.action == "Reinstate" && how == "Success";
            if open.source == "Azure" {
                model.end(if how == "Success" { "Succeeded" } else { "Failed" });
            }
            if reinstated {
                // A term that ended in suspension is caught up with just behind the answer; an advance waits for it.
                self.take_time("PT0.000001S").await;
            }
        } else if let Some((ended, _)) = model.ended.last() {
            self.app.decide(&model.id, ended, how).await.is(409);
        }
    }

    /// The customer asks for another plan or quantity.
    async fn ask(&mut self, which: usize, plan: Option<&'static str>, quantity: Option<i64>) {
        let model = &mut self.subscriptions[which];
        let plan = plan.map(|word| model.plan_called(word));
        let body = match plan {
            Some(plan) => json!({"action": "changePlan", "planId": plan}),
            None => json!({"action": "changeQuantity", "quantity": quantity}),
        };
        let fits = plan.map_or_else(
            || quantity.is_some_and(|quantity| model.takes(quantity)),
            |plan| model.sells(plan),
        );
        let answer = self.operator.act(&model.id, &body).await;
        if model.status != Status::Subscribed || model.open.is_some() {
            answer.is(409);
        } else if !fits {
            answer.is(400);
        } else {
            let action = if plan.is_some() { "ChangePlan" } else { "ChangeQuantity" };
            model.ask(operation(&answer.is(202)), action, "Azure", self.now);
            model.aim(plan, quantity);
        }
    }

    async fn act(&mut self, which: usize, action: &'static str) {
        let model = &mut self.subscriptions[which];
        let allowed = match (action, model.status) {
            ("suspend" | "failPayment", Status::Subscribed) => true,
            ("reinstate", Status::Suspended { .. }) => model.open.is_none(),
            ("renew", Status::Subscribed) => true,
            ("unsubscribe", status) => status != Status::Unsubscribed,
            _ => false,
        };
        if action == "renew" && model.payment_fails {
            return; // what a renewal by hand does to a payment that fails is nobody's contract
        }
        let answer = self.operator.act(&model.id, &json!({"action": action})).await;
        if !allowed {
            answer.is(409);
            return;
        }
        let id = operation(&answer.is(202));
        match action {
            "suspend" | "failPayment" => model.overtake(Status::Suspended { since: self.now }),
            "unsubscribe" => model.overtake(Status::Unsubscribed),
            "renew" => model.term_start = Some(model.next_term()),
            _ => return model.ask(id, "Reinstate", "Azure", self.now),
        }
        model.ended.push((id, "Succeeded"));
    }

    async fn fail_at_term_end(&mut self, which: usize) {
        let model = &mut self.subscriptions[which];
        let body = json!({"action": "failPayment", "when": "termEnd"});
        let answer = self.operator.act(&model.id, &body).await;
        if model.status == Status::Subscribed {
            answer.is(202);
            model.payment_fails = true;
        } else {
            answer.is(409);
        }
    }

    /// Every operation that ended is readable, and ended as it should.
    async fn compare_what_ended(&self) {
        for model in self.subscriptions.iter().chain(&self.ended) {
            self.compare(model).await;
            for (id, how) in &model.ended {
                let read = self.app.operation(&model.id, id).await.is(200);
                assert_eq!(read.at("/status"), *how, "{read}");
            }
        }
    }
}

#[test]
fn c42_c43_c44_c46_the_broker_stands_where_the_contract_says() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (world, receiver) = runtime.block_on(async {
        let world = World::new(Db::Sqlite).await;
        let receiver = world.operator.webhooks_are_taken().await;
        (world, receiver)
    });
    let webhook = format!("{}/webhook", receiver.uri());
    let number = std::cell::Cell::new(0);
    let cases = std::env::var("REHEARSE_MODEL_CASES").ok();
    let cases = cases.map_or(CASES, |cases| cases.parse().expect("a number of cases"));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&steps(), |steps| {
        number.set(number.get() + 1);
        runtime.block_on(async {
            let mut case = Case::new(&world, &webhook, number.get()).await;
            for (which, step) in steps {
                case.play(which, step).await;
            }
            case.compare_what_ended().await;
        });
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{error}");
    }
    runtime.block_on(world.stop());
}
