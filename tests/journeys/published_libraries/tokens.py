"""Gets a publisher's token from the broker by MSAL for Python and by azure-identity, as their documentation says, with
nothing changed but the authority (and, in the environment, the CA), and calls the marketplace with each.

Run by tests/journeys/published_libraries.rs. Prints one JSON line a way."""

import base64
import json
import os
import sys

import msal
import requests
from azure.identity import CertificateCredential, ClientSecretCredential

BROKER = os.environ["BROKER_URL"]
TENANT = os.environ["TENANT_ID"]
CLIENT = os.environ["CLIENT_ID"]
SECRET = os.environ["CLIENT_SECRET"]
CERTIFICATE = os.environ["CERTIFICATE_FILE"]
RESOURCE = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7"
SCOPE = f"{RESOURCE}/.default"


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def tell(way, token):
    listed = requests.get(
        f"{BROKER}/api/saas/subscriptions",
        params={"api-version": "2018-08-31"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    said = claims(token)
    print(json.dumps({
        "way": way, "aud": said["aud"], "tid": said["tid"],
        "app": said.get("appid") or said.get("azp"), "status": listed.status_code,
    }))


def by_msal(way, credential=SECRET, **authority):
    app = msal.ConfidentialClientApplication(CLIENT, client_credential=credential, **authority)
    answer = app.acquire_token_for_client(scopes=[SCOPE])
    if "access_token" not in answer:
        sys.exit(f"{way}: {answer.get('error')}: {answer.get('error_description')}")
    tell(way, answer["access_token"])


def main():
    authority = f"{BROKER}/{TENANT}"
    instances = f"{BROKER}/common/discovery/instance"
    by_msal("msal, OIDC authority", oidc_authority=f"{authority}/v2.0")
    by_msal("msal, no instance discovery", authority=authority, instance_discovery=False)
    by_msal("msal, instance discovery", authority=authority, instance_discovery=instances)
    with open(CERTIFICATE, encoding="ascii") as file:
        both = file.read()
    by_msal(
        "msal, certificate",
        credential={"private_key": both, "public_certificate": both},
        authority=authority,
        instance_discovery=False,
    )
    identity = {"authority": BROKER, "disable_instance_discovery": True}
    secret = ClientSecretCredential(TENANT, CLIENT, SECRET, **identity)
    tell("azure-identity, secret", secret.get_token(SCOPE).token)
    certificate = CertificateCredential(TENANT, CLIENT, CERTIFICATE, **identity)
    tell("azure-identity, certificate", certificate.get_token(SCOPE).token)


main()
