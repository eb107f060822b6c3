import { openEmbeddedStores } from "../sync/open-stores.js";
import { describeGoldenPath } from "./golden-path.js";

describeGoldenPath("PGlite", openEmbeddedStores);
