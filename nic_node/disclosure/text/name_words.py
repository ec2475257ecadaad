"""Words that stand in or beside names without being the name: titles, particles, generations, kinds of school."""

HONORIFICS = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "mister", "missus", "dr", "prof", "sr", "sra", "srta", "senor", "senora",
        "senorita", "profe", "maestra", "maestro", "don", "dona",
    }
)  # fmt: skip
POSTS = frozenset(
    {
        "professor", "coach", "principal", "vice", "assistant", "asst", "ap", "counselor", "counsellor", "nurse",
        "superintendent", "officer", "dean", "director", "directora", "coordinator", "librarian", "teacher",
        "teachers", "aide", "interventionist", "specialist", "profesor", "profesora", "doctor", "doctora", "pastor",
        "reverend", "rev", "father", "rabbi", "imam", "deputy", "sheriff", "sergeant", "sgt", "detective", "mayor",
        "chaplain", "paraprofessional", "therapist", "psychologist", "custodian", "secretary", "driver",
    }
)  # fmt: skip
KIN = frozenset(
    {
        "aunt", "auntie", "uncle", "grandma", "grandpa", "grandmother", "grandfather", "nana", "papa", "tia", "tio",
        "abuela", "abuelo", "abuelita", "abuelito", "mama", "ma", "mom", "dad", "cousin",
    }
)  # fmt: skip
TITLES = HONORIFICS | POSTS | KIN
TITLES_THAT_ARE_NAMES = frozenset({"dean", "don", "tia", "nana", "pastor"})
NOT_TITLES = frozenset({"MS", "DR", "SR", "MX", "AP"})  # as written: middle school, doctor's in capitals, senior
PARTICLES = frozenset(
    {
        "de", "del", "la", "las", "los", "van", "von", "der", "den", "da", "das", "do", "dos", "di", "du", "el", "al",
        "bin", "ben", "ibn", "abu", "st", "san", "santa",
    }
)  # fmt: skip
GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv"})
COMPOUND_ENDS = frozenset(  # 'Marzano-style lessons' name nobody called Marzano-style
    {
        "led", "run", "free", "like", "type", "style", "based", "wide", "long", "made", "only", "ish", "day", "week",
        "era", "aged", "time", "plus", "box", "map", "kit", "fit", "size", "scale",
    }
)  # fmt: skip
NICKNAME_STARTS = frozenset({"big", "little", "lil", "old", "young", "baby", "tiny", "miss", "sister", "brother"})
LEAST_SYLLABLE, MOST_SYLLABLE = 2, 5  # letters after the hyphen of a given name: 'Eun-ji', 'Joon-seok'
NEVER_AN_INITIAL = frozenset({"I", "A"})
SCHOOL_WORDS = frozenset(
    {
        "school", "schools", "elementary", "primary", "middle", "high", "junior", "senior", "intermediate",
        "academy", "charter", "magnet", "preparatory", "prep", "district", "unified", "public", "community",
        "independent", "consolidated", "regional", "area", "county", "city", "town", "township", "parish", "center",
        "centre", "learning", "early", "college", "career", "technical", "international", "global", "arts",
        "science", "sciences", "technology", "k", "pk", "ps", "is", "ms", "hs", "es", "jhs", "isd", "usd", "csd",
        "the", "of", "for", "and", "at", "in", "no", "number", "saint", "st", "north", "south", "east", "west",
    }
)  # fmt: skip
JOINING_WORDS = frozenset({"the", "of", "for", "and", "at", "in", "no", "number", "is"})
PLACE_WORDS = frozenset(
    {
        "bay", "bend", "bluff", "bridge", "brook", "canyon", "creek", "crossing", "falls", "ferry", "flats", "forest",
        "gardens", "glen", "grove", "harbor", "haven", "heights", "hill", "hills", "hollow", "island", "junction",
        "lake", "landing", "meadow", "meadows", "mesa", "mills", "mountain", "oaks", "park", "pines", "pointe",
        "prairie", "ranch", "rapids", "ridge", "river", "shores", "springs", "summit", "terrace", "trail", "valley",
        "view", "village", "vista", "woods",
    }
)  # fmt: skip
# What schools and neighbourhoods are called by, beside PLACE_WORDS: 'Copper Basin', 'Beacon Hour'
NAMING_WORDS = PLACE_WORDS | frozenset(
    {
        "academy", "acorn", "aspen", "basin", "bay", "beacon", "bear", "beaver", "birch", "bluff", "bridge", "brook",
        "canyon", "cascade", "castle", "cedar", "chestnut", "clear", "cliff", "clover", "coast", "copper", "coral",
        "cornerstone", "cottonwood", "cougar", "covenant", "coyote", "creek", "crest", "crystal", "cypress", "deer",
        "desert", "dove", "dune", "eagle", "east", "edge", "elk", "elm", "evergreen", "falcon", "fern", "field",
        "fir", "flint", "forest", "fox", "garden", "gateway", "glacier", "golden", "granite", "harbor", "harvest",
        "hawk", "hawthorn", "heartland", "heather", "heritage", "heron", "hickory", "highland", "hill", "holly",
        "holy", "horizon", "iron", "ivy", "juniper", "lady", "lagoon", "lake", "lakeside", "laurel", "legacy",
        "liberty", "lighthouse", "lily", "lone", "lotus", "magnolia", "mammoth", "manor", "maple", "maplewood",
        "meadow", "mesa", "mesquite", "mill", "mission", "moon", "mountain", "mulberry", "north", "oak", "oasis",
        "ocean", "olive", "orchard", "osprey", "otter", "owl", "palm", "paradise", "park", "peak", "pearl", "pebble",
        "pecan", "pine", "pinecrest", "pioneer", "plains", "pleasant", "pond", "poplar", "port", "prairie", "quail",
        "quarry", "rapid", "raven", "redwood", "ridge", "ridgeview", "rising", "river", "riverside", "riverview",
        "rock", "rocky", "rosewood", "sacred", "sage", "saguaro", "saint", "sandy", "sequoia", "shady", "shore",
        "silver", "sky", "skyline", "south", "spring", "spruce", "star", "stone", "summit", "sun", "sunflower",
        "sunny", "sunrise", "sunset", "sycamore", "thunder", "timber", "timberline", "trail", "tundra", "turtle",
        "unity", "valley", "view", "village", "vista", "walnut", "water", "west", "whispering", "wild", "wildflower",
        "willow", "wind", "winding", "wolf", "woodland",
    }
)  # fmt: skip
