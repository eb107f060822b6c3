import { describeExactValues } from "./exact-values.js";
import { openServerStores } from "./open-stores.js";
import { describeSyncing } from "./sync-behaviour.js";

describeSyncing("PostgreSQL", openServerStores);
describeExactValues("PostgreSQL", openServerStores);
