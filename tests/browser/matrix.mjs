// The matrix as a page, in a browser: what it says, by mouse, keyboard and address, and what a screen reader is told.
//
//   node matrix.mjs FILE.html [FOLDER]     with a folder: leaves pictures of the page there

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Browser } from './browser.mjs'

const [file, pictures] = process.argv.slice(2)
const address = pathToFileURL(resolve(file)).href
const KINDS = ['delivery token', 'preview token', 'management token', 'authtoken', 'legacy access token', 'OAuth token', 'no credential']
let browser

before(async () => { browser = await Browser.start() })
after(() => browser.stop())

const open = async (hash = '') => {
  browser.complaints.length = 0
  await browser.size(1280, 900)
  await browser.open(address + hash)
}
const text = selector => browser.value(`document.querySelector(${JSON.stringify(selector)}).innerText`)
const heads = () => browser.value(`[...document.querySelectorAll('tr[data-row]')].filter(row => row.checkVisibility()).map(row => row.cells[0].innerText)`)
const focused = () => browser.value('document.activeElement.dataset.cell ?? document.activeElement.id')
const hash = () => browser.value('location.hash')
const cell = (kind, place) => text(`[data-cell="${place}/${kind}"]`)
const picture = async name => { if (pictures) writeFileSync(join(pictures, name), await browser.screenshot()) }
const tabTo = async wanted => {
  for (let presses = 0; presses < 8; presses += 1) {
    if (await focused() === wanted) return
    await browser.press('Tab')
  }
  assert.equal(await focused(), wanted)
}

test('nothing is loaded beside the page, and nothing goes wrong', async () => {
  await open()
  assert.deepEqual(browser.requests, [address])
  await browser.click('[data-cell="management/entry/update/management"]')
  assert.deepEqual(browser.requests, [address])
  assert.deepEqual(browser.complaints, [])
})

test('cells say what the documents say', async () => {
  await open()
  assert.equal(await cell('management', 'management/delivery_token/create'), 'no')
  assert.equal(await cell('authtoken', 'management/delivery_token/create'), 'if')
  assert.equal(await cell('management', 'management/entry/update'), 'if')
  assert.equal(await cell('delivery', 'management/entry/read'), 'no')
  assert.equal(await cell('delivery', 'delivery/entry/read'), 'if')
  assert.equal(await cell('anonymous', 'management/user_session/login'), 'yes')
  assert.match(await cell('management', 'management/preview_token/create'), /open/)
})

test('a screen reader is told of a table with heads, and of every cell where it is', async () => {
  await open('#filter=management+webhook')
  const nodes = await browser.accessible()
  const named = role => nodes.filter(node => node.role === role).map(node => node.name)
  assert.match(named('table')[0], /^Answers for \d+ pairs of module and action and 7 kinds of credential$/)
  assert.deepEqual(named('columnheader'), ['module, action', ...KINDS])
  const rows = named('rowheader')
  assert.ok(rows.includes('webhook create') && rows.includes('webhook read'), rows.join())
  const buttons = named('button')
  assert.ok(buttons.includes('no: delivery token, webhook create on the management API'), buttons.join())
  assert.equal(named('searchbox')[0].trim(), 'Filter')
  assert.equal(named('combobox')[0].trim(), 'Kind')
  assert.equal(named('status').length, 1)
  assert.ok(nodes.some(node => node.role === 'main') && nodes.some(node => node.role === 'banner'))
  assert.ok(named('heading').includes('Who may do what'))
})

test('typing filters rows, and the count is told', async () => {
  await open()
  const all = await heads()
  assert.equal(await text('#count'), `${all.length} rows`)
  await tabTo('filter')
  await browser.type('PUBLISH asset')
  const left = await heads()
  assert.ok(left.length > 1 && left.length < all.length)
  assert.ok(left.includes('asset publish') && left.includes('asset unpublish') && !left.includes('entry update'), left.join())
  assert.equal(await text('#count'), `${left.length} of ${all.length} rows`)
  const live = (await browser.accessible()).find(node => node.role === 'status')
  assert.equal(live.live, 'polite')
  assert.equal(await hash(), '#filter=PUBLISH+asset')
  await browser.type(' nothing-has-this')
  assert.deepEqual(await heads(), [])
  assert.match(await text('#nothing'), /No row has all of these words/)
  await browser.click('#clear')
  assert.equal((await heads()).length, all.length)
  assert.equal(await focused(), 'filter')
  assert.equal(await hash(), '')
})

test('rows are found by routes and by ids of rules, of the kind that is chosen', async () => {
  await open('#filter=/v3/stacks/management_tokens/{token_uid}')
  assert.deepEqual(await heads(), ['management_token delete', 'management_token read', 'management_token update'])
  await open('#filter=management.tokens_module')
  const all = await heads()
  assert.ok(all.includes('delivery_token create'), all.join())
  await open('#filter=management.tokens_module&kind=delivery')
  assert.deepEqual(await heads(), [])
  await open('#kind=oauth')
  const columns = (await browser.accessible()).filter(node => node.role === 'columnheader').map(node => node.name)
  assert.deepEqual(columns, ['module, action', 'OAuth token'])
  await open('#kind=unheard-of')
  assert.equal(await browser.value('document.getElementById("kind").value'), '')
})

test('a click shows the rules with their sources, and Escape goes back', async () => {
  await open()
  await browser.click('[data-cell="management/delivery_token/create/management"]')
  assert.equal(await text('#details-title'), 'no: management token, delivery_token create on the management API')
  const shown = await text('#details-body')
  assert.match(shown, /POST \/v3\/stacks\/delivery_tokens/)
  assert.match(shown, /refuses for good: forbidden management\.tokens_module/)
  assert.match(shown, /Types of Tokens/)
  const links = await browser.value('[...document.querySelectorAll("#details a")].map(link => link.href)')
  assert.ok(links.length > 0 && links.every(link => /^https:\/\/([a-z-]+\.)+com\//.test(link)), links.join())
  const modal = (await browser.accessible()).find(node => node.role === 'dialog')
  assert.ok(modal.modal && modal.name.startsWith('no: management token'), JSON.stringify(modal))
  assert.equal(await hash(), '#cell=management/delivery_token/create/management')
  await browser.press('Escape')
  assert.equal(await focused(), 'management/delivery_token/create/management')
  assert.equal(await hash(), '')
})

test('a cell whose routes differ shows each group of them', async () => {
  await open()
  const key = await browser.value('Object.entries(JSON.parse(document.getElementById("data").textContent).cells).find(([, parts]) => parts.length > 1)[0]')
  await open(`#cell=${key}`)
  const titles = await browser.value('[...document.querySelectorAll("#details-body h3")].filter(title => /^Routes?$/.test(title.innerText)).length')
  assert.ok(titles > 1)
})

test('all of it is done by keyboard: one stop for Tab, arrows within', async () => {
  await open('#filter=webhook')
  await tabTo('management/webhook/create/delivery')
  const stops = await browser.value('[...document.querySelectorAll("#matrix button")].filter(button => button.tabIndex === 0).length')
  assert.equal(stops, 1)
  const moves = [
    ['ArrowRight', 'management/webhook/create/preview'], ['ArrowDown', 'management/webhook/delete/preview'],
    ['ArrowLeft', 'management/webhook/delete/delivery'], ['ArrowLeft', 'management/webhook/delete/delivery'],
    ['End', 'management/webhook/delete/anonymous'], ['ArrowUp', 'management/webhook/create/anonymous'],
    ['ArrowUp', 'management/webhook/create/anonymous'], ['Home', 'management/webhook/create/delivery']
  ]
  for (const [key, wanted] of moves) {
    await browser.press(key)
    assert.equal(await focused(), wanted, key)
  }
  const last = (await heads()).length - 1
  await browser.press('Control+End')
  assert.equal(await focused(), await browser.value(`[...document.querySelectorAll('tr[data-row]')].filter(row => !row.hidden)[${last}].cells[7].firstElementChild.dataset.cell`))
  await browser.press('Control+Home')
  await browser.press('PageDown')
  await browser.press('PageUp')
  assert.equal(await focused(), 'management/webhook/create/delivery')
  await browser.press('Enter')
  assert.equal(await browser.value('document.getElementById("details").open'), true)
  assert.equal(await focused(), 'details-title')
  await browser.press('Tab')
  assert.equal(await focused(), 'close')
  await browser.press('Enter')
  assert.equal(await focused(), 'management/webhook/create/delivery')
  // What has the focus is seen.
  await browser.press('ArrowRight')
  const outline = await browser.value('getComputedStyle(document.activeElement).outlineStyle')
  assert.equal(outline, 'solid')
})

test('an address opens what it names, and a new one takes its place', async () => {
  await open('#filter=entry&kind=management&cell=management/entry/update/management')
  assert.equal(await browser.value('document.getElementById("filter").value'), 'entry')
  assert.match(await text('#details-body'), /management\.scope_grants/)
  await browser.value('location.hash = "#filter=asset"')
  await browser.value('new Promise(resolve => setTimeout(resolve, 50))')
  assert.equal(await browser.value('document.getElementById("details").open'), false)
  assert.ok((await heads()).includes('asset create'))
  await open('#cell=no/such/cell')
  assert.equal(await browser.value('document.getElementById("details").open'), false)
  assert.deepEqual(browser.complaints, [])
})

// Lightness by the formula of WCAG 2; text needs 4.5 to 1.
const CONTRASTS = `(() => {
  const light = colour => {
    const [red, green, blue] = colour.match(/[0-9.]+/g).map(Number).map(value => value / 255)
      .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const ground = element => {
    const colour = getComputedStyle(element).backgroundColor
    return /^rgba\\(.*, 0\\)$/.test(colour) ? ground(element.parentElement ?? element) : colour
  }
  const texts = [...document.querySelectorAll('body *')].filter(element => element.checkVisibility() &&
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  return texts.map(element => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))]
    return { text: element.innerText.slice(0, 30), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }
  })
})()`

for (const scheme of ['light', 'dark']) {
  test(`texts stand out, ${scheme}`, async () => {
    await browser.colours(scheme)
    await open()
    await picture(`${scheme}.png`)
    await open('#cell=management/preview_token/create/management')
    await picture(`${scheme}-rules.png`)
    const found = await browser.value(CONTRASTS)
    assert.ok(found.length > 1000)
    assert.deepEqual(found.filter(({ ratio }) => ratio < 4.5), [])
    const ground = await browser.value('getComputedStyle(document.body).backgroundColor')
    assert.equal(ground === 'rgb(255, 255, 255)', scheme === 'light', ground)
  })
}

test('a narrow window shows all of it: only the table moves sideways', async () => {
  await browser.colours('light')
  await open()
  await browser.size(400, 800)
  const width = () => browser.value('document.documentElement.scrollWidth')
  assert.equal(await width(), 400)
  assert.ok(await browser.value('document.getElementById("scroll").scrollWidth > document.getElementById("scroll").clientWidth'))
  await picture('narrow.png')
  await browser.click('[data-cell="management/asset/create/anonymous"]')
  await picture('narrow-rules.png')
  assert.equal(await width(), 400)
  const { left, right } = await browser.value('JSON.parse(JSON.stringify(document.getElementById("details").getBoundingClientRect()))')
  assert.ok(left >= 0 && right <= 400, `${left} ${right}`)
  assert.ok(await browser.value('document.getElementById("details").scrollWidth <= document.getElementById("details").clientWidth'))
})

test('without scripts the table is there to read', async () => {
  await browser.send('Emulation.setScriptExecutionDisabled', { value: true })
  await open()
  const nodes = await browser.accessible()
  await browser.send('Emulation.setScriptExecutionDisabled', { value: false })
  const named = role => nodes.filter(node => node.role === role).map(node => node.name)
  assert.ok(named('button').includes('no: delivery token, webhook create on the management API'))
  assert.deepEqual(named('searchbox'), [])
  assert.ok(nodes.some(node => node.role === 'StaticText' && node.name.startsWith('Without scripts')))
})
