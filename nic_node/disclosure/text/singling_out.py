"""Phrases that point to one person or one family without naming them: 'the only blind student in grade 4'.

No replacement would do: a person has to rewrite the sentence, so what is found here blocks. Procedures stay free:
'the student who finishes first', 'each student', 'one student at a time'.
"""

import re
from collections.abc import Iterator

# 'student survey', 'family night': a word for a person that only tells what a thing is for
COMPOUND = (
    r"(?!-led|[\s-]+(?:surveys?|work|voice|data|nights?|events?|meetings?|handbooks?|cent(?:er|re)s?|groups?|councils?|"
    r"teams?|conferences?|engagement|newsletters?|desks?|talk|support|leaders?|committees?|liaisons?|lounge|workroom|"
    r"outcomes?|time|days?|responses?|samples?|writing|journals?|reflections?|agendas?|lists?|rosters?|numbers?|ids?|"
    r"hours?|calls?|texts?|contacts?|feedback|participation|growth|learning|training|orientation|mentors?|mentoring|"
    r"portal|resource|services|schedules?|interviews?|notebooks?|folders?|pairs?|partners?|choice|goals?|attendance|"
    r"achievement|discourse|questions?|rules?|errors?|mistakes?|misconceptions?|guides?|polic(?:y|ies)|evaluations?|materials?|tools?|products?|devices?|cop(?:y|ies)|pages?|induction|cohorts?)\b)"
)
GRADER = r"(?:\w+|\d{1,2}(?:st|nd|rd|th))[- ]grader"
ONE = (
    rf"(?:(?:student(?:\s+teacher)?|boy|girl|child|kid|learner|scholar|pupil|freshman|sophomore|junior|senior|kindergartner|{GRADER}|"
    r"newcomer|arrival|refugee|immigrant|migrant|orphan|twin|sibling|brother|sister|cousin|family|household|parent|mother|"
    r"father|mom|dad|guardian|grandmother|grandfather|grandma|grandpa|man|woman|person|athlete|player|"
    rf"wheelchair user|teen|speaker|(?:non-?)?reader|writer|singer|dancer|drummer|runner|swimmer|wrestler|artist|"
    rf"musician)\b{COMPOUND})"
)
ONE_OF_STAFF = (
    r"(?:(?:teacher|aide|para|paraprofessional|coach|counsell?or|principal|secretary|custodian|nurse|librarian)\b"
    rf"{COMPOUND})"
)
STILL_DOES = r"(?:\s+(?:who|still|reading|working|learning)\b(?:\s+[\w'-]+){0,2})"
ANYONE = rf"(?:{ONE}|{ONE_OF_STAFF})"
SEVERAL = (
    rf"(?:students|boys|girls|children|kids|learners|scholars|pupils|freshmen|sophomores|juniors|seniors|{GRADER}s|"
    r"newcomers|refugees|immigrants|migrants|orphans|siblings|brothers|sisters|cousins|families|households|parents|"
    r"mothers|fathers|moms|dads|guardians|teachers|aides|paras|men|women|athletes|players|teens|speakers|"
    r"(?:wheelchair\s+)?users|arrivals)"
)
MULTIPLES = r"(?:twins|triplets|quadruplets|quintuplets)"
KIN = rf"(?:brothers|sisters|siblings|cousins)\b{COMPOUND}"
GENDERED = (
    rf"(?:{GRADER}|freshman|sophomore|kindergartner|newcomer|refugee|girl|boy|mother|father|mom|dad|grandmother|grandma|"
    r"grandfather|grandpa|sister|brother|man|woman|twin)"
)
FEW = r"(?:two|three|2|3)"
WORD = r"(?:[\w'-]+\s+)"
# What makes one person known in a community: an illness, an aid, a loss, a crime, a faith that shows.
MARKED = (
    r"(?:(?:in|uses) (?:a|the|his|her) (?:wheelchair|walker)|wheelchair|walker|crutches|blind|deaf|hard of hearing|"
    r"hearing aids?|cochlear|braille|interpreter|service dog|guide dog|prosthe\w+|amput\w+|feeding tube|seizures?|"
    r"epilep\w+|diabet\w+|cancer|leukemia|chemo\w*|transplant|cystic fibrosis|muscular dystrophy|cerebral palsy|"
    r"down syndrome|autis\w+|non-?verbal|selective(?:ly)? mut\w+|stutter\w*|tourette\w*|albin\w+|one-to-one aide|"
    r"1:1 aide|full-time aide|foster|homeless|shelter|adopted|orphan\w*|custody|divorc\w+|widow\w*|died|dies|dying|"
    r"passed away|death|suicid\w+|killed|murder\w*|shot|stabb\w*|overdos\w+|deport\w+|detain\w+|jail|prison|"
    r"incarcerat\w+|arrest\w+|probation|expelled|expulsion|ran away|(?:hurt|cut|harm|kill)\w* (?:himself|herself|"
    r"themselves)|self-harm\w*|weapon|gun|knife|drugs|drunk|vap(?:es|ing)|pregnan\w+|gave birth|teen (?:mom|mother|"
    r"parent)|baby|abuse\w*|assault\w*|raped?|cps|evict\w+|house fire|(?:house|home) in the fire|burned down|accident|"
    r"refugee|asylum|undocumented|immigra\w+|transgender|trans|non-?binary|gay|lesbian|two (?:moms|dads|mothers|"
    r"fathers)|hijab|headscarf|turban|jehovah\w*|anorexi\w+|bulimi\w+|bipolar|schizophren\w+|hospitali[sz]ed|"
    r"psychiatric|rehab|deployed|tracheostom\w+|g-tube|colostomy|ostomy|insulin pump|oxygen tank|leg braces?|vitiligo|"
    r"cleft (?:lip|palate)|dwarfism|sickle cell|hemophili\w+|lupus|hiv|paraly[sz]ed|brain injury|eating disorder|"
    r"dialysis|body brace|back brace|alopecia|birthmark|burn scars?|one (?:arm|leg|eye)|speech impediment|"
    r"gender (?:transition|identity|dysphoria)|house arrest|ankle monitor|court order|restraining order|parole|"
    r"juvenile (?:hall|detention)|group home|(?:skipped|repeat(?:ed|ing)) (?:a|\w+) grade|held back|"
    r"lost (?:both|his|her|their) (?:parents?|mother|father|mom|dad|brother|sister|home|"
    r"house|husband|wife|son|daughter|child|baby|spouse|partner)|"
    r"(?:doesn't|does not|won't|never) (?:talk|speak)\w*|witness protection|exchange student|"
    r"rare \w+|disease|surgery|terminal\w*|drown\w*|"
    r"(?:visual|vision|hearing|sight|speech) (?:impairment|loss)|expecting (?:a|her|twins)|eye patch|glass eye|"
    r"reservation|trailer park|motel)"
)
PEOPLES = (
    r"(?:Somali|Hmong|Karen|Karenni|Burmese|Rohingya|Afghan|Syrian|Iraqi|Iranian|Yemeni|Congolese|Sudanese|Ethiopian|"
    r"Eritrean|Nigerian|Liberian|Kenyan|Ghanaian|Haitian|Cuban|Mexican|Guatemalan|Honduran|Salvadoran|Nicaraguan|"
    r"Venezuelan|Colombian|Ecuadorian|Peruvian|Brazilian|Dominican|Jamaican|Puerto Rican|Chinese|Japanese|Korean|"
    r"Vietnamese|Cambodian|Khmer|Lao|Laotian|Thai|Filipin[oa]|Samoan|Tongan|Hawaiian|Marshallese|Chuukese|Indian|"
    r"Pakistani|Bangladeshi|Nepali|Nepalese|Bhutanese|Tibetan|Mongolian|Russian|Ukrainian|Polish|Romanian|Roma|"
    r"Bosnian|Albanian|Serbian|Turkish|Kurdish|Armenian|Arab|Arabic|Muslim|Jewish|Sikh|Hindu|Buddhist|Amish|Mennonite|"
    r"Mormon|Native(?: American)?|Navajo|Ojibwe|Lakota|Black|African(?: American)?|Asian|Latin[oax]|Hispanic|white|"
    r"Tagalog|Swahili|Mandarin|Portuguese|Creole|Urdu|Farsi|Dari|Pashto|Tigrinya|Amharic|Mixtec|Mam|Quiche|"
    r"K'iche')(?:-speaking)?"
)
MARKED_ADJECTIVE = (
    r"(?:blind|deaf|autistic|non-?verbal|pregnant|transgender|trans|non-?binary|homeless|foster|adopted|orphaned|"
    r"undocumented|diabetic|epileptic|gay|lesbian|refugee|immigrant|incarcerated|widowed|divorced|suicidal|bipolar|"
    r"anorexic|albino|stuttering|wheelchair-bound|(?:hearing|visually|vision|sight|speech)[ -]impaired|mute|bereaved|"
    r"gifted)"
)
ONE_IN_SPANISH = (
    r"(?:estudiante|alumn[oa]|nin[oa]|muchach[oa]|chic[oa]|madre|padre|mama|papa|familia|herman[oa]|maestr[oa])"
)
MARKED_IN_SPANISH = (
    r"(?:silla\s+de\s+ruedas|sindrome|cancer|leucemia|autismo|autista|epilepsia|diabetes|sord[oa]|cieg[oa]|mud[oa]|"
    r"embarazada|refugiad[oa]s?|deportad[oa]s?|indocumentad[oa]s?|huerfan[oa]s?|adoptad[oa]s?|carcel|asilo|papeles|"
    r"transgenero|discapacidad|muletas|audifonos)"
)
# A place has a capital, though not in every note: what else comes after 'from' is told apart by its word.
FROM_PLACE = (
    r"(?:\s+from\s+(?!(?:the|our|an?|each|another|other|this|that|his|her|their|my|your|every|one|both|group|grade|"
    r"room|table|class|period|team|home|school|work|memory|week|day|time|start|across|within|outside|among)\b)"
    r"[A-Z][\w'-]+(?:\s+(?-i:[A-Z])[\w'-]+)?)"
)
IN_GRADE = r"(?:\s+in\s+(?:grade\s+\w+|(?:the\s+)?[\w'-]+(?:\s+(?:grade|class|group|elective|team|program))?))?"
TAIL = (
    rf"(?:{FROM_PLACE}|\s+in\s+grade\s+\w+|\s+(?:in|with|on|at|using)\s+(?:an?\s+|the\s+|our\s+|her\s+|his\s+)?[\w'-]+(?:\s+syndrome)?"
    rf"{IN_GRADE})?"
)
ROUTINE = (
    r"(?!\s+(?:(?:\w+\s+)?at\s+a\s+time|per\b|each\b|from\s+each|in\s+each|speaks|talks|shares|reads|leads|writes))"
)
EVENTS = (
    r"(?:moved|transferred|arrived|came|left|lost|lives|wears|hit|fought|stole|threw|broke|tried|fainted|"
    r"set\s+off|pulled\s+the|brought\s+an?|(?:was|got)\s+caught|(?:set|started)\s+(?:the|a)\s+(?:fire|fight)|"
    r"(?:was|got|is)\s+(?:in\s+the\s+(?:news|paper|newspaper|hospital)|on\s+(?:the\s+news|tv)|"
    r"hit|hurt|bitten|suspended|evicted|robbed|bullied|attacked)|owns|farms|runs\s+the)"
)
# What happened to one person, said without 'who': the student hit by a car; the boy living in a motel
HAPPENED = (
    r"(?:(?:recently|just|newly|still)\s+)?(?:(?:hit|hurt|burned|injured)\s+(?:by|in|at)|living\s+(?:in|with|at)|"
    r"staying\s+(?:in|with|at)|repeating\s+(?:\w+\s+)?(?:grade|year)|adopted|released\s+from\s+(?:\w+\s+){0,2}?(?:jail|prison|detention|hospital|custody|rehab)|diagnosed|hospitali[sz]ed|suspended|expelled|arrested|"
    r"detained|evicted|orphaned|deported|immigrated|bullied|abused|assaulted|grieving|recovering|"
    r"undergoing|fostered|battling|expecting|back\s+from\s+(?:rehab|surgery|(?:the\s+)?hospital|jail|juvie|prison|treatment|"
    r"(?:the\s+)?suspension|expulsion))"
)
KNOWN_TO_ALL = (
    r"(?:valedictorian|salutatorian|(?:homecoming|prom)\s+(?:queen|king)|star\s+(?:\w+\s+)?(?:quarterback|pitcher|"
    r"player|athlete|runner|swimmer|wrestler|goalie|forward|guard)|quarterback|drum\s+major|runaway|wheelchair\s+user|"
    r"(?:class|student\s+body|student\s+council)\s+president|(?:state|national|county|regional|chess|wrestling|spelling(?:\s+bee)?)\s+(?:\w+\s+)?champion|exchange\s+student)\b"
)
# Nouns for a person beyond the listed: redhead, vegetarian, 16-year-old
SOMEBODY = (
    r"(?:\w+head|\w+arian|\d+-year-old|left(?:y|ie|-hander)|jehovah's\s+witness|survivor|recipient|finalist|winner|"
    r"user(?!\s+(?:account|guide|name|id)))"
)
RELATIVE = (
    r"(?:brother|sister|mother|father|mom|dad|parents?|grandmother|grandfather|grandma|grandpa|cousin|uncle|aunt|"
    r"stepdad|stepmom|guardian)"
)
SUPERLATIVE = (
    r"(?:tallest|shortest|oldest|youngest|heaviest|smallest|biggest|newest|poorest|richest|slowest|loudest|quietest|"
    r"weakest|lowest|brightest|neediest|smartest|(?:most|least)\s+(?!(?:improved|common|frequent|recent|likely)\b)\w+)"
)
OF_A_KIND = rf"(?:{PEOPLES}|{MARKED_ADJECTIVE})"
A_FEW_OF_THEM = rf"(?:{ONE}|boys|girls|{KIN}|{MULTIPLES})"
THE = r"\b(?:the|that|our|my)"

# Each alternative with an example that it is there for.
PHRASES = (
    # the only student in a wheelchair in grade 7; our sole newcomer; her mother is the only Black teacher
    rf"\b(?:the|our|my|his|her|their|an)\s+(?:one\s+and\s+only|only|sole|lone|single)\s+{WORD}{{0,4}}?{ANYONE}{TAIL}",
    # the only redhead in the class; our only Muslim
    rf"\b(?:the|our|my)\s+(?:only|sole|lone)\s+{WORD}{{0,2}}?(?:{SOMEBODY}|{OF_A_KIND})\s+(?:in|at|on|of|here)\b{TAIL}",
    rf"\b(?:the|our|my)\s+(?:only|sole|lone)\s+{WORD}{{0,2}}?{SOMEBODY}\b",
    # we have a single eighth grader who reads at that level
    rf"\bha(?:ve|s|d)\s+(?:a\s+single|one)\s+{WORD}{{0,3}}?{ONE}{ROUTINE}(?:{FROM_PLACE}|{STILL_DOES})",
    # the only two sixth-grade girls; our only Somali families
    rf"\b(?:the|our|my)\s+only\s+(?:{FEW}\s+{WORD}{{0,3}}?|{WORD}{{1,3}}?){SEVERAL}\b{TAIL}",
    rf"\b(?:the|our|my)\s+only\s+{SEVERAL}\s+(?:in|with|from|on)\s+[\w'-]+(?:\s+[\w'-]+)?",
    # our one student with Down syndrome; the one student who cried
    rf"\b(?:our|my)\s+one\s+{WORD}{{0,3}}?{ANYONE}{TAIL}",
    rf"\bthe\s+one\s+{WORD}{{0,3}}?{ONE}\s+(?:who|whose|with|in|on|from|that|still|not|\w+ing)\b(?:\s+[\w'-]+){{0,4}}",
    # that one student who eats paper
    rf"\bthat\s+one\s+{WORD}{{0,2}}?{ONE}\s+(?:who|whose|with)\b(?:\s+[\w'-]+){{0,2}}",
    # the strongest reader in my class
    rf"\b(?:the|our|my)\s+(?!best\b)\w+est\s+{WORD}{{0,1}}?{ONE}\s+in\s+(?:my|our|the)\s+(?:class|grade|school|building|room|program|district)\b",
    # the two girls who fought; both students from the reservation
    rf"\b(?:the|our|both|these|those)\s+{FEW}\s+{WORD}{{0,1}}?(?:girls|boys|brothers|sisters|mothers|fathers|moms|dads|men|women)\s+(?:who|from|with)\b(?:\s+[\w'-]+){{0,2}}",
    rf"\bboth\s+{WORD}{{0,1}}?{SEVERAL}\s+(?:from|in|at|with|who)\s+{WORD}{{0,4}}?{MARKED}\b",
    # the one with the hearing aids
    rf"\bthe\s+one\s+(?:who|with|in|on|using)\s+{WORD}{{0,4}}?{MARKED}\b",
    # only one girl in the robotics group
    rf"\b(?:only|just)\s+(?:one|1)\s+{WORD}{{0,3}}?{ANYONE}{ROUTINE}{TAIL}",
    rf"\b(?:only|just)\s+(?:two|2)\s+(?:{WORD}{{1,3}}?{SEVERAL}\b{ROUTINE}|{SEVERAL}\s+(?:from|with|who|in|on))\b{TAIL}",
    rf"\bno\s+other\s+{WORD}{{0,3}}?{ONE}",
    rf"\bthe\s+(?:first|last)\s+(?:and\s+only\s+)?{WORD}{{0,2}}?{ONE}\s+(?:ever|in\s+(?:the|our)\s+(?:school|district|history))\b",
    r"\bis\s+the\s+only\s+one\b(?:\s+(?:who|with|in|from)\s+[\w'-]+(?:\s+[\w'-]+)?)?",
    # the only one with a wheelchair chose first; the only one in grade 2 who still naps
    rf"\bthe\s+only\s+one\s+(?:who|with|in|from|using)\s+{WORD}{{0,3}}?{MARKED}\b",
    rf"\bthe\s+only\s+one\s+(?:(?:in|of|from|on)\s+{WORD}{{1,4}}?)?who(?:se)?\s+[\w'-]+(?:\s+[\w'-]+){{0,2}}",
    # the twin girls; las gemelas
    rf"\b(?:the|our|both|these)\s+{WORD}{{0,2}}?(?:twin|triplet)\s+(?:girls|boys|brothers|sisters|students|siblings)\b",
    r"\b(?:los|las|nuestr[oa]s)\s+(?:gemel|melliz|trilliz)[oa]s\b",
    # el niño en silla de ruedas; la alumna sorda; una familia refugiada
    rf"\b(?:el|la|un|una|nuestr[oa])\s+{ONE_IN_SPANISH}(?:\s+\w+){{0,2}}?\s+(?:con|en|de|sin|cuy[oa]s?)\s+(?:\w+\s+){{0,3}}?{MARKED_IN_SPANISH}\b",
    rf"\b(?:el|la|un|una|nuestr[oa])\s+{ONE_IN_SPANISH}\s+{MARKED_IN_SPANISH}\b",
    # la unica estudiante sorda; el alumno que llego de Honduras
    r"\b(?:el|la|nuestr[oa]|mi)\s+unic[oa]\s+\w+(?:\s+\w+){0,3}",
    rf"\b(?:el|la)\s+{ONE_IN_SPANISH}\s+(?:que|cuy[oa]s?)\s+\w+(?:\s+\w+){{0,3}}",
    # la nina nueva; el alumno recien llegado
    rf"\b(?:el|la|nuestr[oa])\s+{ONE_IN_SPANISH}\s+(?:nuev[oa]|recien\s+llegad[oa])\b(?:\s+de\s+\w+)?",
    # la hija de la directora
    r"\b(?:el|la)\s+(?:hij|niet|sobrin|espos|herman|prim)[oa]\s+(?:de\s+(?:la|nuestr[oa])|del)\s+\w+",
    # one of our three refugees from Myanmar; one of the two boys in foster care
    rf"\b(?:one|two)\s+of\s+(?:the|our|my|his|her)\s+(?:only\s+)?(?:{FEW}|four|4|few)\s+{WORD}{{0,3}}?{SEVERAL}\b{TAIL}",
    # the two Hmong brothers; both deaf boys; the two students in wheelchairs
    rf"\b(?:the|our|both(?:\s+of\s+(?:the|our))?)\s+(?:only\s+)?(?:{FEW}\s+)?{OF_A_KIND}\s+{WORD}{{0,2}}?{A_FEW_OF_THEM}{TAIL}",
    rf"\b(?:the|our|both)\s+{FEW}\s+{WORD}{{0,3}}?{PEOPLES}\s+{SEVERAL}\b{TAIL}",
    rf"\b(?:the|our|both)\s+{FEW}\s+{WORD}{{0,3}}?{SEVERAL}\s+(?:from\s+[A-Z][\w'-]+|{WORD}{{0,4}}?{MARKED})",
    # the triplets; the sisters from Ukraine; a pair of siblings
    rf"\b(?:the|our|these|those|both|{FEW})\s+{WORD}{{0,2}}?(?:{MULTIPLES}|{KIN}){TAIL}",
    rf"\b(?:a|the|one)\s+(?:set|pair)\s+of\s+{WORD}{{0,2}}?(?:{MULTIPLES}|{KIN})",
    # the girl whose father died; the boy with the hearing aids
    rf"\b(?:the|that|this|our|one|my)\s+{WORD}{{0,2}}?{GENDERED}\s+(?:who|whose|that|with|in|from)\s+[\w'-]+(?:\s+[\w'-]+){{0,2}}",
    # a student with leukemia; the kid with the service dog
    rf"\b(?:the|that|our|this|one|an?|my|another)\s+{WORD}{{0,3}}?{ANYONE}\s+(?:who|whose|that|with|in|on|from|using)\s+{WORD}{{0,6}}?{MARKED}\b",
    # a girl who lost both parents; one student, a Rohingya refugee
    rf"\b(?:one|an?|our|the)\s+{WORD}{{0,2}}?{ONE},\s+(?:an?|the|our)\s+{WORD}{{0,4}}?(?:{OF_A_KIND}|{MARKED})\b",
    # the student whose mom is the lunch lady
    rf"{THE}\s+{WORD}{{0,1}}?{ONE}\s+whose\s+{RELATIVE}\s+(?:is|was|has|had|works?|teaches|coaches|runs|owns|drives)\b(?:\s+[\w'-]+){{0,3}}",
    # the kid everyone saw on the news
    rf"{THE}\s+{WORD}{{0,1}}?{ONE}\s+(?:everyone|everybody)\s+(?:\w+)(?:\s+[\w'-]+){{0,3}}",
    # the student hit by a car; the boy adopted from Haiti
    rf"\b(?:the|that|this|our|one|my|an?)\s+{WORD}{{0,2}}?{ONE}\s+{HAPPENED}\b(?:\s+[\w'-]+){{0,3}}",
    # the valedictorian; our wheelchair user
    rf"{THE}\s+{KNOWN_TO_ALL}",
    # his mom has cancer; her brother was shot; his deaf sister; her twin
    rf"\b(?:his|her|their)\s+{WORD}{{0,1}}?{RELATIVE}\s+(?:is|was|has|had|got|just|recently)\s+{WORD}{{0,3}}?{MARKED}\b",
    rf"\b(?:his|her|their)\s+(?:{MARKED_ADJECTIVE}\s+{RELATIVE}|twin\b(?!\s+(?:goals?|aims?|measures?))(?:\s+(?:brother|sister))?)",
    # a parent who is the county judge
    rf"\b(?:the|that|an?|one|our)\s+{WORD}{{0,2}}?{RELATIVE}\s+who\s+(?:is|was|works\s+as|owns|runs)\s+(?:the|our)\s+[\w'-]+(?:\s+[\w'-]+)?",
    # the pregnant senior; our transgender student
    rf"{THE}\s+{WORD}{{0,2}}?{MARKED_ADJECTIVE}\s+{WORD}{{0,1}}?{ONE}",
    # the family from Honduras; our new girl
    rf"{THE}\s+{WORD}{{0,2}}?{ONE}{FROM_PLACE}",
    rf"\b(?:the|our)\s+(?:new|newest)\s+{WORD}{{0,1}}?{ONE}{TAIL}",
    # the family that lost their house in the fire; the student who moved in March
    rf"{THE}\s+{WORD}{{0,1}}?{ONE}\s+(?:who|that)\s+(?:just\s+)?{EVENTS}\b(?:\s+[\w'-]+){{1,4}}",
    # the custodian's daughter; the son of a board member
    rf"\b(?:the|our)\s+{WORD}{{0,2}}?[\w-]+'s\s+(?:own\s+)?(?:son|daughter|kid|child|nephew|niece|grandson|granddaughter|wife|husband|twins|(?:twin\s+)?(?:sons|daughters))\b{COMPOUND}",
    r"\b(?:son|daughter|nephew|niece|grandson|granddaughter|kid|wife|husband)\s+of\s+(?:the|our|an?)\s+[\w-]+(?:\s+[\w-]+)?",
    # the oldest boy in seventh grade; our most fragile reader
    rf"\b(?:the|our)\s+{SUPERLATIVE}\s+{WORD}{{0,1}}?{ANYONE}{IN_GRADE}",
)
SINGLING_OUT = re.compile("|".join(PHRASES), re.IGNORECASE)


def find_singling_out(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of each such phrase in a folded text."""
    for match in SINGLING_OUT.finditer(text):
        yield match.span()
