import { describeExactValues } from "./exact-values.js";
import { openEmbeddedStores } from "./open-stores.js";
import { describeSyncing } from "./sync-behaviour.js";

describeSyncing("PGlite", openEmbeddedStores);
describeExactValues("PGlite", openEmbeddedStores);
