import { openEmbeddedStores } from "../sync/open-stores.js";
import { describeGoldenPath } from "./golden-path.js";

// The statements are PostgreSQL's, where the other order is tried.
describeGoldenPath("PGlite", openEmbeddedStores, ["as written"]);
