import { openMemoryStores } from "../sync/memory-stores.js";
import { describeGoldenPath } from "./golden-path.js";

describeGoldenPath("memory", openMemoryStores);
