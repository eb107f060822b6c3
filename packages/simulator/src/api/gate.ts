import type { Settings } from "../options.js";
import type { TenantState } from "../tenant.js";
import type { Call } from "./exchange.js";
import { problem, Refusal } from "./problem.js";
import { createRollingWindow, type RollingWindow } from "./rolling-window.js";
import { throttledAnswer } from "./throttled.js";
import type { IssuedToken, TokenShelf } from "./tokens.js";

/** The checks that every request of the API passes, in this order. Each throws a {@link Refusal}. */
export interface Gate {
  /** 401 for a missing or unknown app key. */
  checkAppKey(call: Call): void;
  /** 429 over the limit; a refused request does not count toward it. */
  checkRate(tenantId: string | null): void;
  /** 401 for a missing, unknown, expired or revoked token. */
  checkToken(call: Call): IssuedToken;
  /** 403 (or 404, by the settings) for another tenant's path. */
  checkTenant(token: IssuedToken, tenantId: string): TenantState;
  /** 403 when the tenant has not granted the scope. */
  checkScope(token: IssuedToken, scope: string): void;
}

export function createGate(settings: Settings, tenants: readonly TenantState[], tokens: TokenShelf): Gate {
  const appKeys = new Set(tenants.map((tenant) => tenant.appKey));
  const windows = new Map<string, RollingWindow>();

  return {
    checkAppKey(call) {
      const appKey = call.header("st-app-key") ?? call.url.searchParams.get("servicetitanapplicationkey");
      if (appKey === null || appKey === "") {
        throw new Refusal(problem(401, "Application key not present, check ST-App-Key header value."));
      }
      if (!appKeys.has(appKey)) {
        throw new Refusal(problem(401, "Application key is not valid, check ST-App-Key header value."));
      }
    },
    checkRate(tenantId) {
      if (settings.rateLimitPerSecond === null || tenantId === null) return;
      const window = windows.get(tenantId) ?? createRollingWindow(1000);
      windows.set(tenantId, window);
      const now = settings.fineNow();
      if (window.count(now) < settings.rateLimitPerSecond) {
        window.add(now);
        return;
      }
      const waitMs = Math.max(1, (window.freeAt() ?? now) - now);
      throw new Refusal(throttledAnswer(settings.retryAfterForm, Math.ceil(waitMs / 1000), settings.now()));
    },
    checkToken(call) {
      const text = (call.header("authorization") ?? "").replace(/^Bearer\s+/i, "");
      const token = tokens.find(text);
      if (token === null) throw unauthorized();
      return token;
    },
    checkTenant(token, tenantId) {
      const tenant = tenants.find((candidate) => candidate.tenantId === token.tenantId);
      if (tenant === undefined || token.tenantId !== tenantId) {
        throw new Refusal(problem(settings.foreignTenantStatus, "The token is not valid for this tenant."));
      }
      return tenant;
    },
    checkScope(token, scope) {
      if (!token.scopes.has(scope)) throw missingScope();
    },
  };
}

export function unauthorized(): Refusal {
  return new Refusal(
    problem(401, "Unauthorized", {}, { "www-authenticate": 'Bearer error="invalid_token"' }),
  );
}

export function missingScope(): Refusal {
  return new Refusal(problem(403, "Scope validation failed"));
}
