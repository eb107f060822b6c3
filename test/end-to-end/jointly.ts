import type { Simulator } from "@titan-sync/simulator";

/** Several simulators behind one address, as all of ServiceTitan's tenants are. Each needs tenant ids of its own. */
export function jointly(simulators: readonly Simulator[]): Pick<Simulator, "respond"> {
  return {
    async respond(call) {
      const text = await call.text();
      const clientId = new URLSearchParams(text).get("client_id");
      const owner = simulators.find(({ tenants }) =>
        tenants.some(
          (tenant) =>
            tenant.clientId === clientId || call.url.pathname.includes(`/tenant/${tenant.tenantId}/`),
        ),
      );
      if (owner === undefined) throw new Error(`No simulator has the tenant of ${call.url.pathname}.`);
      return owner.respond({ ...call, text: async () => text });
    },
  };
}
