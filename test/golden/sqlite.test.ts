import { openSqliteStores } from "../sync/sqlite-stores.js";
import { describeGoldenPath } from "./golden-path.js";

describeGoldenPath("SQLite", openSqliteStores);
