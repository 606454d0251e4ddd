const place = document.getElementById("explorer");
const accounts = document.getElementById("account");
const signedIn = document.getElementById("signed-in");

const credentials = () => JSON.parse(accounts.selectedOptions[0].dataset.credentials);

/** Return what the credential in a header is called, such as `bot_id` of `x-bot-id`. */
const credentialOf = (header = "") => header.toLowerCase().replace(/^x-/, "").replaceAll("-", "_");

/**
 * Return a parameter as it is to be tried: the headers that name what an account belongs to, such as `x-bot-id`, are
 * filled in, and optional ones are left out, since the ids of their examples are not in the sandbox.
 */
function tried(parameter) {
  const { examples, example, ...rest } = parameter;
  const value = credentials()[credentialOf(parameter.name)];
  if (parameter.in === "header" && value !== undefined) return { ...rest, example: value };
  return parameter.required || parameter.$ref ? parameter : rest;
}

/** Apply `tried` to the parameters of all operations, the shared ones included. */
function prepared(document) {
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item)) {
      if (operation.parameters) operation.parameters = operation.parameters.map(tried);
    }
  }
  const shared = document.components.parameters ?? {};
  for (const [name, parameter] of Object.entries(shared)) shared[name] = tried(parameter);
  return document;
}

async function accessToken(scheme, account) {
  const response = await fetch(scheme.flows.clientCredentials.tokenUrl, {
    method: "POST",
    headers: {
      Authorization: `Basic ${btoa(`${account.client_id}:${account.client_secret}`)}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ grant_type: "client_credentials" }),
  });
  return (await response.json()).access_token;
}

/** Sign in by each scheme of the description, as the account that is chosen. */
async function signIn(ui, schemes) {
  const account = credentials();
  for (const [name, schema] of Object.entries(schemes)) {
    if (schema.type === "oauth2") {
      const token = { access_token: await accessToken(schema, account) };
      ui.authActions.authorizeOauth2({ auth: { schema, name }, token });
    } else if (schema.scheme === "basic") {
      const [username, password] = [account.client_id ?? account.email, account.client_secret ?? account.token];
      ui.preauthorizeBasic(name, username, password);
    } else {
      const own = account[credentialOf(schema.name)]; // such as `x-user-key`; RapidPro's is in Authorization
      ui.preauthorizeApiKey(name, schema.type === "apiKey" ? (own ?? `Token ${account.token}`) : account.token);
    }
  }
  signedIn.textContent = "Signed in; open an operation and choose Try it out.";
}

async function show() {
  signedIn.textContent = "";
  const document = await (await fetch(place.dataset.url)).json();
  const ui = window.SwaggerUIBundle({
    spec: prepared(document),
    dom_id: "#explorer",
    deepLinking: true,
    docExpansion: new URLSearchParams(location.search).has("all") ? "list" : "none",
    filter: true,
    validatorUrl: null,
    defaultModelsExpandDepth: -1,
    onComplete: () => signIn(ui, document.components.securitySchemes),
  });
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // Swagger UI takes the fragment for an operation
  document.getElementById("main").focus();
});
accounts.addEventListener("change", show);
show();
