//! What `/openapi.json` says that no handler says for itself: its head, and what all operations of the publisher face
//! have in common. Called by `http/mod.rs` while it mounts the routes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::{
    fulfillment::{Detail, FulfillmentInternalServerErrorResponse, VersionError},
    headers::{CORRELATION_ID, MS_CORRELATION_ID, MS_REQUEST_ID, OPERATION_LOCATION, REQUEST_ID},
    identity::{MARKETPLACE_RESOURCE, TransientError},
    partner_center::{Error as PartnerError, RateLimited},
    rehearsal::Problem,
};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Content, Object, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
        SchemaFormat,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        response::Responses,
        schema::{ArrayItems, OneOfBuilder, SchemaType, Type},
        security::{
            ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes,
            SecurityRequirement, SecurityScheme,
        },
    },
};

use super::fulfillment::problem::API_VERSION;

const JSON: &str = "application/json";
const HTML: &str = "text/html";
/// What 503 says.
const BUSY: &str = "Busy, or the database is out of reach: call again after Retry-After seconds";
/// RFC 9457.
const PROBLEM_JSON: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "marketplace-broker",
        description = "Plays Microsoft's commercial marketplace for rehearsals: the SaaS Fulfillment API v2 and the \
                       metering service API for publishers, the Partner Center REST API for partners, an Entra-style token endpoint, and the control API of \
                       the rehearsal."
    ),
    tags(
        (name = "fulfillment", description = "Publisher face: SaaS Fulfillment API v2, licenseAssignments, \
                                              publisherSteps and setup. Bearer of the publisher's app"),
        (name = "metering", description = "Publisher face: marketplace metering service API. The same bearer"),
        (name = "partner", description = "Partner face: Partner Center REST API. Bearer of a partner's app, by itself or \
                                          for a user"),
        (name = "identity", description = "The authority: tokens, sign-in, keys and metadata"),
        (name = "rehearsal", description = "Control API of the rehearsal. Bearer: the control token"),
        (name = "operations", description = "For those who run the broker"),
    )
)]
struct Document;

/// The document without a route.
pub fn head() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document with all routes: OpenAPI wants a description of every answer, and where a handler gives none, the type
/// tells.
pub fn finished(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for answer in operation.responses.responses.values_mut() {
            if let RefOr::T(answer) = answer
                && answer.description.is_empty()
            {
                "OK".clone_into(&mut answer.description);
            }
        }
    }
    refer_to_items(&mut document);
    document
}

/// Collections of the partner face name what is in them by reference: what is derived writes it out in each of them.
fn refer_to_items(document: &mut utoipa::openapi::OpenApi) {
    let Some(components) = &mut document.components else { return };
    let known: BTreeSet<_> = components.schemas.keys().cloned().collect();
    for (name, schema) in &mut components.schemas {
        let item =
            name.strip_prefix("PartnerCenterCollection_").filter(|item| known.contains(*item));
        if let (Some(item), RefOr::T(Schema::Object(collection))) = (item, schema)
            && let Some(RefOr::T(Schema::Array(items))) = collection.properties.get_mut("items")
        {
            items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(item).into()));
        }
    }
}

/// Says of every operation of the control API that it takes the control token, and refuses by RFC 9457.
pub fn control_api(document: &mut utoipa::openapi::OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let answers = &mut operation.responses.responses;
        if operation.request_body.is_some() {
            let long = answer::<Problem>("Body over 1 MiB");
            answers.entry("413".to_owned()).or_insert(long);
        }
        answers.entry("503".to_owned()).or_insert(answer::<Problem>(BUSY));
        answers.values_mut().for_each(describe_problem);
    }
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let scheme = scheme.description(Some("The installation's control token")).build();
    secure(document, "controlToken", SecurityScheme::Http(scheme));
}

/// Says of the authority that what people see are pages, that it is asked under its own name for them, and 503.
pub fn authority(document: &mut utoipa::openapi::OpenApi) {
    let seen = |path: &str| path.ends_with("/authorize") || path.ends_with("/logout");
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            let answers = &mut operation.responses.responses;
            if seen(path) {
                describe_pages(answers);
            } else {
                answers.entry("503".to_owned()).or_insert(answer::<TransientError>(BUSY));
            }
        }
    }
    describe_schemas(document, described::<TransientError>());
}

/// Answers of what people see.
fn describe_pages(answers: &mut BTreeMap<String, RefOr<Response>>) {
    let foreign = "The broker is asked under a name that is not its own: a page";
    for (status, tells) in [("403", foreign), ("503", BUSY)] {
        answers.entry(status.to_owned()).or_insert(RefOr::T(Response::new(tells)));
    }
    for status in ["200", "400", "403", "503"] {
        let Some(RefOr::T(answer)) = answers.get_mut(status) else { continue };
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        answer.content.insert(HTML.to_owned(), RefOr::T(Content::new(Some(text))));
    }
}

/// Says of every operation of the partner face that it takes a partner's bearer, the headers it knows
/// (partner-center.md 3.0), and how it refuses whatever it is asked.
pub fn partner_face(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            let parameters = operation.parameters.get_or_insert_default();
            parameters.extend(partner_headers().map(RefOr::T));
            let answers = &mut operation.responses.responses;
            if operation.request_body.is_some() {
                let long = answer::<PartnerError>("Body over 1 MiB");
                answers.entry("413".to_owned()).or_insert(long);
            }
            // What is counted is what is under a customer.
            if path.starts_with("/v1/customers") {
                let many = "Too many calls, where quirk partner_rate_limit has it so: again after Retry-After seconds";
                answers.insert("429".to_owned(), answer::<RateLimited>(many));
            }
            match answers.get_mut("503") {
                Some(RefOr::T(own)) => also_as::<PartnerError>(own, BUSY),
                _ => {
                    answers.insert("503".to_owned(), answer::<PartnerError>(BUSY));
                }
            }
        }
    }
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let tells = "A partner's bearer, by its app alone or for a user who has signed in (App+User)";
    let scheme = scheme.description(Some(tells)).build();
    secure(document, "partnerToken", SecurityScheme::Http(scheme));
    describe_schemas(document, described::<PartnerError>());
    describe_schemas(document, described::<RateLimited>());
}

/// An answer comes in another form, too.
fn also_as<T: ToSchema>(own: &mut Response, tells: &str) {
    let Some(RefOr::T(content)) = own.content.get_mut(JSON) else { return };
    if let Some(schema) = content.schema.take() {
        let other = Ref::from_schema_name(T::name());
        content.schema = Some(OneOfBuilder::new().item(schema).item(other).into());
    }
    own.description = format!("{}; or: {tells}", own.description);
}

/// What a handler calls a problem has the type of one.
fn describe_problem(answer: &mut RefOr<Response>) {
    let RefOr::T(answer) = answer else { return };
    let problem = Ref::from_schema_name(Problem::name());
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(body)), .. }) => {
            body.ref_location == problem.ref_location
        }
        _ => false,
    };
    if let Some(content) = answer.content.get(JSON).filter(|content| is_problem(content)).cloned() {
        answer.content.clear();
        answer.content.insert(PROBLEM_JSON.to_owned(), content);
    }
}

fn partner_headers() -> [Parameter; 2] {
    [
        header(
            MS_REQUEST_ID,
            "Id of this request: a repeat of one that makes something makes nothing more",
        ),
        header(MS_CORRELATION_ID, "Id of everything that the caller does at once"),
    ]
}

/// A header that comes back.
fn header(name: &str, tells: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(format!("{tells}; made if absent, and given back in the answer")))
        .schema(Some(text_of("uuid")))
        .build()
}

/// Every operation takes a credential of this scheme.
fn secure(document: &mut utoipa::openapi::OpenApi, name: &str, scheme: SecurityScheme) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let scopes: [&str; 0] = [];
        operation.security = Some(vec![SecurityRequirement::new(name, scopes)]);
    }
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert(name.to_owned(), RefOr::T(scheme));
}

/// Adds to every operation of a face towards publishers what they have in common: `api-version` and the two tracking
/// headers (fulfillment.md 1.1), the form of ids, the refusal of a wrong api-version, 500 and 503. Members of this face
/// are omitted, never null (1.13), so no schema of it is nullable.
pub fn publisher_face(document: &mut utoipa::openapi::OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let parameters = operation.parameters.get_or_insert_default();
        parameters.iter_mut().for_each(describe_id);
        parameters.extend(common_parameters().map(RefOr::T));
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.content.values_mut().for_each(describe_content);
        }
        describe_answers(&mut operation.responses);
    }
    // Microsoft's name of the scheme.
    secure(document, "AADToken", SecurityScheme::OAuth2(OAuth2::new([publisher_token()])));
    describe_schemas(document, described::<Detail>());
    describe_schemas(document, described::<VersionError>());
    describe_schemas(document, described::<FulfillmentInternalServerErrorResponse>());
    let schemas = &mut document.components.get_or_insert_default().schemas;
    schemas.values_mut().for_each(never_null);
}

/// How a publisher's app gets its bearer (fulfillment.md 1.1).
fn publisher_token() -> Flow {
    let scope = (format!("{MARKETPLACE_RESOURCE}/.default"), "The marketplace's API".to_owned());
    Flow::ClientCredentials(ClientCredentials::new(
        "/{tenant}/oauth2/v2.0/token",
        Scopes::from_iter([scope]),
    ))
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
    methods.into_iter().flatten()
}

/// Every id in a path of this face is a GUID; a step is the publisher's own name.
fn describe_id(parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(parameter) = parameter
        && parameter.parameter_in == ParameterIn::Path
        && parameter.name.ends_with("Id")
    {
        parameter.schema = Some(text_of("uuid").into());
    }
}

fn common_parameters() -> [Parameter; 3] {
    let version = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([API_VERSION]))
        .default(Some(json!(API_VERSION)));
    let version = ParameterBuilder::new()
        .name("api-version")
        .parameter_in(ParameterIn::Query)
        .required(Required::True)
        .description(Some("Version of the API"))
        .schema(Some(version));
    [
        version.build(),
        header(REQUEST_ID, "Id of this request, preferably a GUID"),
        header(CORRELATION_ID, "Id of everything that the caller does at once"),
    ]
}

/// A text of a format.
fn text_of(format: &str) -> Object {
    let format = SchemaFormat::Custom(format.to_owned());
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build()
}

fn describe_answers(answers: &mut Responses) {
    let answers = &mut answers.responses;
    match answers.get_mut("400") {
        None => {
            let wrong = answer::<VersionError>("The api-version is absent or wrong (E2)");
            answers.insert("400".to_owned(), wrong);
        }
        Some(RefOr::T(refused)) => also_of_version(refused),
        Some(RefOr::Ref(_)) => {}
    }
    // What quirks may bring (`missing_bearer`, `publisher_rate_limit`).
    if let Some(RefOr::T(mut refused)) = answers.get("403").cloned() {
        "No bearer, where quirk missing_bearer has it so; else 403"
            .clone_into(&mut refused.description);
        answers.insert("401".to_owned(), RefOr::T(refused));
    }
    let many = "Too many calls, where quirk publisher_rate_limit has it so: again after Retry-After seconds";
    answers.insert("429".to_owned(), answer::<Detail>(many));
    let broken = answer::<FulfillmentInternalServerErrorResponse>("The broker broke (E5)");
    answers.insert("500".to_owned(), broken);
    answers.insert("503".to_owned(), answer::<Detail>(BUSY));
    for answer in answers.values_mut() {
        let RefOr::T(answer) = answer else { continue };
        answer.content.values_mut().for_each(describe_content);
        if let Some(RefOr::T(location)) = answer.headers.get_mut(OPERATION_LOCATION) {
            location.schema = Some(text_of("uri").into());
        }
    }
}

/// E3, or E2 where the api-version is wrong. Metering's E6 stays alone: Microsoft's file knows nothing beside it.
fn also_of_version(refused: &mut Response) {
    let Some(RefOr::T(content)) = refused.content.get_mut(JSON) else { return };
    let detail = Ref::from_schema_name(Detail::name());
    if matches!(&content.schema, Some(RefOr::Ref(body)) if body.ref_location == detail.ref_location)
    {
        let version = Ref::from_schema_name(VersionError::name());
        content.schema = Some(OneOfBuilder::new().item(detail).item(version).into());
    }
    refused.description.push_str("; or the api-version is absent or wrong (E2)");
}

fn answer<T: ToSchema>(description: &str) -> RefOr<Response> {
    let body = Content::new(Some(Ref::from_schema_name(T::name())));
    RefOr::T(ResponseBuilder::new().description(description).content(JSON, body).build())
}

/// Schemas that no handler names stand in the document, too.
fn describe_schemas(
    document: &mut utoipa::openapi::OpenApi,
    schemas: Vec<(String, RefOr<Schema>)>,
) {
    let known = &mut document.components.get_or_insert_default().schemas;
    for (name, schema) in schemas {
        known.entry(name).or_insert(schema);
    }
}

/// A type and all it consists of.
fn described<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

fn describe_content(content: &mut RefOr<Content>) {
    if let RefOr::T(Content { schema: Some(schema), .. }) = content {
        never_null(schema);
    }
}

/// Takes null out of a schema and of all it consists of.
fn never_null(schema: &mut RefOr<Schema>) {
    let RefOr::T(inner) = schema else { return };
    match inner {
        Schema::Object(object) => {
            never_null_type(&mut object.schema_type);
            object.properties.values_mut().for_each(never_null);
        }
        Schema::Array(array) => {
            never_null_type(&mut array.schema_type);
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                never_null(items);
            }
        }
        Schema::OneOf(choice) => {
            choice.items.retain(|item| !is_null(item));
            choice.items.iter_mut().for_each(never_null);
            if choice.items.len() == 1
                && let Some(only) = choice.items.pop()
            {
                *schema = only;
            }
        }
        _ => {}
    }
}

fn never_null_type(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        types.retain(|one| *one != Type::Null);
        if let [only] = types.as_slice() {
            *schema_type = SchemaType::Type(only.clone());
        }
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    let null = SchemaType::Type(Type::Null);
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == null)
}
