/** Invented people and places. Phone numbers are of the range kept for fiction, mail addresses of a test domain. */

type Words = readonly [string, ...string[]];

export const firstNames: Words = [
  "Jane",
  "Marcus",
  "Priya",
  "Luis",
  "Hannah",
  "Dmitri",
  "Aiko",
  "Fatima",
  "Owen",
  "Chidi",
  "José",
  "Zoë",
  "Mary Ann",
  "Łukasz",
  "Renée",
  "Tom",
  "Grace",
  "Ibrahim",
  "Nora",
  "Walter",
  "Sofía",
  "Björn",
  "Kim",
  "Ada",
];

export const lastNames: Words = [
  "Sample",
  "Okafor",
  "Lindqvist",
  "O'Neil",
  "García",
  "Müller",
  "Nakamura",
  "Van der Berg",
  "Smith-Jones",
  "Patel",
  "Kowalski",
  "Haddad",
  "Moreau",
  "Whitfield",
  "de la Cruz",
  "Nguyen",
  "Ferrara",
  "St. John",
  "Ito",
];

export const companyNames: Words = [
  "Cedar Ridge Apartments",
  "Harbor Dental Group",
  "Pine & Sons Bakery",
  'First "Corner" Cafe',
  "Lakeside HOA",
  "Union Hall 12",
  "Bright Steps Daycare",
  "Old Mill Storage, LLC",
  "St. Brendan Parish",
  "Northgate Motors Inc.",
];

export const streets: Words = [
  "Elm Ct",
  "Oak Hollow Ln",
  "Main St",
  "County Road 12",
  "Harbor Blvd",
  "W 4th Ave",
  "Cañon Dr",
  "Maple Ter",
  "State Route 7",
  "N Lincoln Ave",
  "Peachtree Pl",
  "Mill Rd",
];

export const units: Words = ["Apt 3B", "Unit 12", "#4", "Suite 200", "Lot 7"];

/** City, state, first three digits of the zip code, latitude, longitude. */
export const cities: readonly [City, ...City[]] = [
  ["Aurora", "IL", "605", 41.76, -88.32],
  ["Springfield", "OH", "455", 39.92, -83.81],
  ["Mesa", "AZ", "852", 33.41, -111.83],
  ["St. Petersburg", "FL", "337", 27.77, -82.64],
  ["Española", "NM", "875", 35.99, -106.08],
  ["Portland", "ME", "041", 43.66, -70.26],
  ["Boise", "ID", "837", 43.62, -116.2],
  ["Tulsa", "OK", "741", 36.15, -95.99],
];
export type City = readonly [city: string, state: string, zip: string, latitude: number, longitude: number];

export const businessUnitNames: Words = [
  "HVAC Service",
  "HVAC Install",
  "Plumbing Service",
  "Electrical",
  "Sales",
];

export const jobTypeNames: Words = [
  "Repair",
  "No Cool",
  "Tune-Up",
  "Install",
  "Drain Cleaning",
  "Estimate",
  "Warranty",
  "Water Heater",
  "Inspection",
];

export const zoneNames: Words = ["North", "South", "East Side", "West / Hills", " Downtown", "Lake County"];

export const membershipTypeNames: Words = [
  "Gold Plan",
  "Silver Plan",
  "Comfort Club",
  "Commercial PM",
  "Legacy (do not sell)",
];

/** What people type into a summary box, as the editor stores it. */
export const summaries: Words = [
  "<p>No cooling</p>",
  "<p>Replaced part &amp; tested.</p>",
  "<p>Customer says:&nbsp;unit is <b>loud</b></p><p>Call before arrival</p>",
  "Gate code 4411<br>Dog in yard<br/>",
  "<ul><li>Checked filter</li><li>Topped up refrigerant, 2&nbsp;lbs</li></ul>",
  "<div>Quote: &lt;$500&gt;</div><div><br></div><div>&quot;asap&quot; &#8211; caf&eacute; owner</div>",
  "plain text, no tags at all",
  '<p style="margin:0">Line one</p>\r\n<p style="margin:0">  Line   two  </p>',
  "<style>p{color:red}</style><p>Pasted from mail</p><!-- signature -->",
  "<script>track('x')</script><p>Annual maintenance</p>",
  "   ",
  "<p></p>",
  "<table><tr><td>Supply</td><td>58&deg;F</td></tr><tr><td>Return</td><td>75&deg;F</td></tr></table>",
];

export const skus: readonly [Sku, ...Sku[]] = [
  ["TU-1", "Tune-up", "Service", 11_600],
  ["CAP-45", "Capacitor 45&micro;F", "Material", 18_950],
  ["DIAG", "<p>Diagnostic visit</p>", "Service", 8_900],
  ["COND-3T", "Condenser, 3 ton", "Equipment", 412_500],
  ["DISC-10", "Discount", "PriceModifier", -1_500],
  ["FILT", "Filter 16x25x1", "Material", 1_499],
  ["MISC", "Shop supplies", "Unspecified", 725],
];
export type Sku = readonly [code: string, description: string, type: string, cents: number];
