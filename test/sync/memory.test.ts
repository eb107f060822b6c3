import { describeExactValues } from "./exact-values.js";
import { openMemoryStores } from "./memory-stores.js";
import { describeSyncing } from "./sync-behavior.js";

describeSyncing("memory", openMemoryStores);
describeExactValues("memory", openMemoryStores);
