import { jweEncryptor } from "../crypto/jwe-encryptor.js";
import { describeEncryptor } from "./describe-encryptor.js";

describeEncryptor({ name: "JWE encryptor", setup: jweEncryptor });
