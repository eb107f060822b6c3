import { openServerStores } from "../sync/open-stores.js";
import { describeGoldenPath } from "./golden-path.js";

describeGoldenPath("PostgreSQL", openServerStores);
