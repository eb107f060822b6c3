import { describeExactValues } from "./exact-values.js";
import { openServerStores } from "./open-stores.js";
import { describeSyncing } from "./sync-behavior.js";

describeSyncing("PostgreSQL", openServerStores);
describeExactValues("PostgreSQL", openServerStores);
