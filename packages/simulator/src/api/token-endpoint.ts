import type { Settings } from "../options.js";
import type { TenantState } from "../tenant.js";
import { type Answer, type Call, jsonAnswer } from "./exchange.js";
import { createRollingWindow, type RollingWindow } from "./rolling-window.js";
import { throttledAnswer } from "./throttled.js";
import type { TokenShelf } from "./tokens.js";

/**
 * `POST /connect/token`: client credentials in a form, as OAuth 2.0 has it. An unknown client and a wrong
 * secret get the same answer.
 */
export function createTokenEndpoint(
  settings: Settings,
  tenants: readonly TenantState[],
  tokens: TokenShelf,
): (call: Call) => Promise<Answer> {
  const windows = new Map<string, RollingWindow>();

  function isOverLimit(clientId: string): boolean {
    if (settings.tokenRequestsPerMinute === null) return false;
    const window = windows.get(clientId) ?? createRollingWindow(60_000);
    windows.set(clientId, window);
    const now = settings.fineNow();
    if (window.count(now) >= settings.tokenRequestsPerMinute) return true;
    window.add(now);
    return false;
  }

  return async (call) => {
    if (call.method !== "POST") return refusal("invalid_request");
    const isForm = call.header("content-type")?.toLowerCase().startsWith("application/x-www-form-urlencoded");
    if (isForm !== true) return refusal("invalid_request");
    const form = new URLSearchParams(await call.text());
    if (form.get("grant_type") !== "client_credentials") return refusal("unsupported_grant_type");
    const clientId = form.get("client_id") ?? "";
    if (isOverLimit(clientId)) return throttledAnswer(settings.retryAfterForm, 60, settings.now());

    const tenant = tenants.find((candidate) => candidate.clientId === clientId);
    if (tenant === undefined || tenant.clientSecret !== form.get("client_secret"))
      return refusal("invalid_client");
    const token = tokens.issue(tenant);
    return jsonAnswer(
      200,
      JSON.stringify({
        access_token: token.text,
        expires_in: settings.tokenLifeSeconds,
        token_type: "Bearer",
        scope: tenant.scopes.join(" "),
      }),
      { "cache-control": "no-store" },
    );
  };
}

function refusal(error: string): Answer {
  return jsonAnswer(400, JSON.stringify({ error }));
}
