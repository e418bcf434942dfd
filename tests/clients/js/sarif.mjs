// Holds SARIF documents against the official schema of SARIF 2.1.0, which comes with a package. Prints what is wrong.
//
//   node sarif.mjs FILE...

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const Ajv = require('ajv')
const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')

const validate = new Ajv({ allErrors: true, schemaId: 'auto' })
  .addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'))
  .compile(schema)

let wrong = 0
for (const file of process.argv.slice(2)) {
  if (!validate(JSON.parse(readFileSync(file, 'utf8')))) {
    wrong += 1
    for (const error of validate.errors) {
      console.log(`${file}: ${error.dataPath || '/'} ${error.message}`)
    }
  }
}
console.log(`${process.argv.length - 2} documents, ${wrong} wrong`)
process.exit(wrong === 0 ? 0 : 1)
