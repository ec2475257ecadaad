"""OneRoster exports of an invented school, as student information systems write them."""

import io
import zipfile

HEAD_1_1 = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
HEAD_1_2 = "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns"
SECRETS = ("sis-4471", "marisol.p@school.example", "555-010-4477", "hunter2", "secret-class", "Nonbinary", "0042")


def zipped(**tables: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(f"export/{name}.csv", text)
    return sink.getvalue()


def version_1_1() -> bytes:
    rows = (
        'u1,active,2026-09-01,true,o1,student,marisol.p,{SIS:sis-4471},Marisol,"Vargas Peña",Inés,0042,marisol.p@school.example,,555-010-4477,u3,07,hunter2',
        "u2,active,2026-09-01,true,o1,teacher,okafor,,Will,Okafor,,,,,,,,",
        "u3,active,2026-09-01,true,o1,guardian,,,Ana,Peña,,,,,,,,",
        "u4,tobedeleted,2026-09-01,false,o1,janitor,,,Lee,Short",
    )
    return zipped(users="\ufeff" + "\r\n".join([HEAD_1_1, *rows]), classes="sourcedId,title\nc1,secret-class\n")


def version_1_2() -> bytes:
    users = (
        "u1,active,2026-09-01,true,m.p,{SIS:sis-4471},Marisol,Vargas,,0042,marisol.p@school.example,,,,07,hunter2,,Mari,,,o1,they",
        "u2,active,2026-09-01,true,,,Will,Okafor,,,,,,,,,,,,,o1,",
    )
    roles = (
        "r1,active,,u1,primary,student,,,o1,",
        "r2,active,,u2,primary,teacher,,,o1,",
        "r3,active,,u2,,parent,,,o1,",
    )
    head = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
    return zipped(
        users="\n".join([HEAD_1_2, *users]),
        roles="\n".join([head, *roles]),
        demographics="sourcedId,sex\nu1,Nonbinary\n",
    )
