import type { Random } from "../random.js";

/** An access token that was issued. */
export interface IssuedToken {
  readonly text: string;
  readonly tenantId: string;
  readonly scopes: ReadonlySet<string>;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface TokenShelf {
  issue(holder: {
    readonly tenantId: string;
    readonly clientId: string;
    readonly scopes: readonly string[];
  }): IssuedToken;
  /** `null` when unknown, expired or revoked. */
  find(text: string): IssuedToken | null;
  revoke(text: string): void;
}

export function createTokenShelf(options: {
  readonly lifeSeconds: number;
  readonly now: () => number;
  readonly random: Random;
}): TokenShelf {
  const { lifeSeconds, now, random } = options;
  const issued = new Map<string, IssuedToken>();

  return {
    issue({ tenantId, clientId, scopes }) {
      for (const [text, token] of issued) {
        if (token.expiresAt <= now()) issued.delete(text);
      }
      const issuedAt = Math.floor(now() / 1000);
      const text = [
        part({ alg: "RS256", typ: "at+jwt" }),
        part({
          nbf: issuedAt,
          exp: issuedAt + lifeSeconds,
          client_id: clientId,
          tenant: tenantId,
          jti: String(random.next()),
          iat: issuedAt,
          scope: scopes,
        }),
        Buffer.from(`${random.next()}${random.next()}`).toString("base64url"),
      ].join(".");
      const token = { text, tenantId, scopes: new Set(scopes), expiresAt: now() + lifeSeconds * 1000 };
      issued.set(text, token);
      return token;
    },
    find(text) {
      const token = issued.get(text);
      return token !== undefined && now() < token.expiresAt ? token : null;
    },
    revoke(text) {
      issued.delete(text);
    },
  };
}

function part(claims: object): string {
  return Buffer.from(JSON.stringify(claims)).toString("base64url");
}
