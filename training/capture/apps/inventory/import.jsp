<%@ page contentType="application/json" import="java.util.*, java.util.logging.*" %><%
    // Imports a delivery note, rows of "item;pieces"; keeps a summary in the session.
    Logger log = Logger.getLogger("inventory.import");
    String note = request.getParameter("note");
    int accepted = 0;
    for (String row : note.split(",")) {
        String[] fields = row.split(";");
        if (fields.length < 2 || fields[1].isEmpty()) {
            log.warning("delivery note row skipped: '" + row + "'");
            continue;
        }
        int pieces = Integer.parseInt(fields[1].trim());
        if (pieces < 0) throw new IllegalArgumentException("negative pieces: " + pieces);
        log.finer("item " + fields[0] + ": " + pieces + " pieces");
        accepted++;
    }
    session.setAttribute("last", accepted);
    log.info("delivery note imported: " + accepted + " rows");
    out.print("{\"rows\": " + accepted + "}");
%>
